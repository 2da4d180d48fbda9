import { type AgentAssertion, type AgentKey, readAgentKey } from 'agent-identity-core';
import { fixedAgent } from 'test-support';

const { agentRuntimeId, taskId, timestamp } = fixedAgent;

export const fixedKey: AgentKey = readAgentKey(fixedAgent.pkcs8);
export const subject = { agentKey: fixedKey, agentRuntimeId, taskId } as const;
export const fixedAssertion: AgentAssertion = {
  agentRuntimeId,
  taskId,
  timestamp,
  signature: fixedAgent.assertionSignature,
};
export const fixedRegistration = {
  agentRuntimeId,
  timestamp,
  signature: fixedAgent.registrationSignature,
} as const;

/** PKCS#8 version 2 of the same seed: it holds the public key, too. */
export const pkcs8Version2 =
  'MFECAQEwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHgSEA6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=';

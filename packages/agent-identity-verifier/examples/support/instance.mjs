import { createAssertionSigner, createInstanceAssertionSigner, generateAgentKey } from 'agent-identity-core';
import { memoryDirectory } from 'agent-identity-verifier';

/** The directory of the service: one agent of each generation. */
export const directory = memoryDirectory();

const agentKey = generateAgentKey();
const runtime = { agentRuntimeId: 'agent-1', publicKey: agentKey.publicKey, accountId: 'account-1' };
directory.putAgentRuntime(runtime);
directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1' });

/** Revokes the agent of the first generation. */
export const revoke = () => directory.putAgentRuntime({ ...runtime, status: 'revoked' });

const instanceKey = generateAgentKey();
export const instance = {
  runtimeAgentInstanceId: 'rai-1',
  agentHostId: 'host-1',
  publicKey: instanceKey.publicKey,
  actor: { kind: 'chatgpt', userId: 'user-1', accountId: 'account-1' },
};
directory.putRuntimeAgentInstance(instance);

const signer = createAssertionSigner({ agentKey, agentRuntimeId: 'agent-1', taskId: 'task-1' });
const instanceSigner = createInstanceAssertionSigner({
  agentKey: instanceKey,
  runtimeAgentInstanceId: 'rai-1',
});

const account = { 'chatgpt-account-id': 'account-1' };

/** The headers of a request of the first generation. */
export const firstGeneration = () => ({ ...account, authorization: signer.authorizationHeader() });

/** The headers of a request of the second generation, instead of a bearer token and beside one. */
export const assertionOnly = () => ({ ...account, authorization: instanceSigner.authorizationHeader() });
export const dualHeader = (token) => ({
  ...account,
  authorization: `Bearer ${token}`,
  'x-openai-agent-assertion': instanceSigner.assertion(),
});

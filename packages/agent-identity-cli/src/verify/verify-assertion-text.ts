import {
  parseAgentAssertion,
  parseInstanceAssertion,
  readSshPublicKey,
  verifyAgentAssertion,
  verifyInstanceAssertion,
} from 'agent-identity-core';
import { printable } from 'agent-identity-core/terminal';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';
import type { CommandResult } from '../program/print-result.js';
import { readInputText } from '../program/read-input-text.js';
import type { VerifyOptions } from './verify-options.js';

/**
 * Verifies an assertion of either generation.
 *
 * @throws AgentIdentityError `invalid_argument` without a public key, and the codes of agent-identity-core
 */
export async function verifyAssertionText(
  value: string,
  { publicKey: line, maxAgeSeconds, leewaySeconds, at }: VerifyOptions,
  io: CommandIo,
): Promise<CommandResult> {
  if (line === undefined) {
    throw commandLineError(
      'invalid_argument',
      '--public-key: expected the key of the agent that signed, got none',
    );
  }
  const publicKey = readSshPublicKey((await readInputText(line, io)).text);
  const options = { publicKey, maxAgeSeconds, leewaySeconds };
  const effects = { clock: at === undefined ? io.clock : () => at };
  if (value.includes('.')) {
    const assertion = parseInstanceAssertion(value);
    verifyInstanceAssertion(assertion, options, effects);
    const { runtimeAgentInstanceId } = assertion;
    const json = {
      valid: true,
      runtime_agent_instance: runtimeAgentInstanceId,
      iat: assertion.issuedAtSeconds,
    };
    return { json, text: `Valid: signed by the instance ${printable(runtimeAgentInstanceId)}.` };
  }
  const assertion = parseAgentAssertion(value);
  verifyAgentAssertion(assertion, options, effects);
  const { agentRuntimeId, taskId, timestamp } = assertion;
  return {
    json: { valid: true, agent_runtime_id: agentRuntimeId, task_id: taskId, timestamp },
    text: `Valid: signed by ${printable(agentRuntimeId)} for the task ${printable(taskId)} at ${timestamp}.`,
  };
}

import { encodeBase64Url } from '../encoding/base64.js';
import { encodeUtf8 } from '../encoding/utf8.js';
import { coreError } from '../errors.js';
import type { AgentAssertion } from './agent-assertion.js';

/** The authentication scheme and the space behind it. */
export const schemePrefix = 'AgentAssertion ';

/** No header value is longer: what `formatAgentAssertion` refuses to write, `parseAgentAssertion` refuses to read. */
export const maxHeaderLength = 4096;

/**
 * The value of the `Authorization` header: `AgentAssertion <base64url of the compact envelope>`, its four members in
 * the order of the protocol (section 3). Whoever has it acts as the agent until it expires: treat it as a secret.
 *
 * @throws AgentIdentityError `invalid_argument` if the value would be over 4 KiB
 */
export function formatAgentAssertion(assertion: AgentAssertion): string {
  const header = schemePrefix + encodeBase64Url(encodeUtf8(formatEnvelope(assertion)));
  if (header.length <= maxHeaderLength) return header;
  throw coreError(
    'invalid_argument',
    `agentRuntimeId and taskId are too long: the header would be over ${maxHeaderLength} characters`,
  );
}

/** The compact JSON inside a header. */
export function formatEnvelope({ agentRuntimeId, taskId, timestamp, signature }: AgentAssertion): string {
  return JSON.stringify({ agent_runtime_id: agentRuntimeId, signature, task_id: taskId, timestamp });
}

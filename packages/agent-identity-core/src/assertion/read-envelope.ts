import type { AgentAssertion } from './agent-assertion.js';
import { isId } from './require-id.js';
import { parseTimestamp } from './timestamp.js';

/** A non-empty JSON string; captures what is between the quotes. */
export const jsonStringGrammar = '"((?:[^"\\\\\\x00-\\x1f]|\\\\.)+)"';
/** Standard base64 of 64 bytes. The last character before the padding carries only two bits. */
export const signatureGrammar = '[A-Za-z0-9+/]{85}[AQgw]==';

/** The only valid form of an envelope: compact JSON with these four members in this order (docs/protocol.md section 3). */
const envelope = new RegExp(
  `^\\{"agent_runtime_id":${jsonStringGrammar},"signature":"(${signatureGrammar})","task_id":${jsonStringGrammar},"timestamp":"([\\w:-]+)"\\}$`,
);

/** Matches an envelope against its grammar in one pass. Returns `undefined` for anything `formatAgentAssertion` would not write. */
export function readEnvelope(json: string): AgentAssertion | undefined {
  const [, runtime = '', signature = '', task = '', timestamp = ''] = envelope.exec(json) ?? [];
  const agentRuntimeId = unescapeJson(runtime);
  const taskId = unescapeJson(task);
  if (!isId(agentRuntimeId) || !isId(taskId) || parseTimestamp(timestamp) === undefined) return undefined;
  return { agentRuntimeId, taskId, timestamp, signature };
}

/** Unescapes the inside of a JSON string. Returns `undefined` if it has an escape that compact JSON would not have. */
export function unescapeJson(escaped: string): string | undefined {
  if (!escaped.includes('\\')) return escaped;
  try {
    const value: string = JSON.parse(`"${escaped}"`);
    return JSON.stringify(value) === `"${escaped}"` ? value : undefined;
  } catch {
    return undefined;
  }
}

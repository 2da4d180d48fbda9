import type { AgentAssertion } from './agent-assertion.js';
import { isId } from './require-id.js';
import { parseTimestamp } from './timestamp.js';

/** Inside the quotes of a JSON string. */
const text = '"((?:[^"\\\\\\x00-\\x1f]|\\\\.)+)"';
/** Standard base64 of 64 bytes; the last character before the padding carries two bits. */
export const signatureGrammar = '[A-Za-z0-9+/]{85}[AQgw]==';

/** The one form of an envelope (docs/protocol.md section 3): compact JSON of four members in this order. */
const envelope = new RegExp(
  `^\\{"agent_runtime_id":${text},"signature":"(${signatureGrammar})","task_id":${text},"timestamp":"([\\w:-]+)"\\}$`,
);

/** Reads an envelope by its grammar, in one pass; `undefined` for what `formatAgentAssertion` would not write. */
export function readEnvelope(json: string): AgentAssertion | undefined {
  const [, runtime = '', signature = '', task = '', timestamp = ''] = envelope.exec(json) ?? [];
  const agentRuntimeId = textOf(runtime);
  const taskId = textOf(task);
  if (!isId(agentRuntimeId) || !isId(taskId) || parseTimestamp(timestamp) === undefined) return undefined;
  return { agentRuntimeId, taskId, timestamp, signature };
}

/** The text of a JSON string, if it is escaped where it must be and nowhere else. */
function textOf(escaped: string): string | undefined {
  if (!escaped.includes('\\')) return escaped;
  try {
    const value: string = JSON.parse(`"${escaped}"`);
    return JSON.stringify(value) === `"${escaped}"` ? value : undefined;
  } catch {
    return undefined;
  }
}

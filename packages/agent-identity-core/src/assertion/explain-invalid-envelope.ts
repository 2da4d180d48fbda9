import { describeType } from '../errors.js';
import { parseJson } from '../http/text.js';
import { signatureGrammar } from './read-envelope.js';
import { isId } from './require-id.js';
import { parseTimestamp } from './timestamp.js';

const wholeSignature = new RegExp(`^${signatureGrammar}$`);

/** Explains, for the error message, why `readEnvelope` refused an envelope: what it expected and what kind it got. */
export function explainInvalidEnvelope(json: string): readonly [expected: string, got: string] {
  const value = parseJson(json);
  if (typeof value !== 'object' || value === null) return ['a JSON object', 'other text'];
  const envelope = value as Readonly<Record<string, unknown>>;
  const { agent_runtime_id: agentRuntimeId, signature, task_id: taskId, timestamp } = envelope;
  if (!isId(agentRuntimeId)) return ['agent_runtime_id as a non-blank string', describeType(agentRuntimeId)];
  if (!isId(taskId)) return ['task_id as a non-blank string', describeType(taskId)];
  if (typeof timestamp !== 'string' || parseTimestamp(timestamp) === undefined) {
    return ['timestamp as RFC 3339 in UTC with whole seconds', describeType(timestamp)];
  }
  if (typeof signature !== 'string' || !wholeSignature.test(signature)) {
    return ['signature as standard base64 of 64 bytes', describeType(signature)];
  }
  return ['compact JSON with exactly the four members in protocol order', 'different JSON'];
}

import { requireEqual, requireRefusal } from './checks.mjs';
import { agentKeyNamed, agentKeyOtherThan } from './vectors.mjs';

/**
 * Checks assertions byte for byte: created, formatted, parsed and verified (docs/protocol.md section 3).
 *
 * @param {import('./vectors.mjs').Check} check
 * @param {import('./vectors.mjs').Core} core
 * @param {import('./vectors.mjs').Vectors} vectors
 */
export function checkAssertions(check, core, vectors) {
  for (const vector of vectors.assertions) {
    const name = `${vector.key} ${vector.agent_runtime_id} ${vector.task_id} ${vector.timestamp}`;
    check('assertions', name, () => requireAssertion(core, vectors, vector));
  }
}

/**
 * @param {import('./vectors.mjs').Core} core
 * @param {import('./vectors.mjs').Vectors} vectors
 * @param {import('./vectors.mjs').Vectors['assertions'][number]} vector
 */
function requireAssertion(core, vectors, vector) {
  const agentKey = agentKeyNamed(core, vectors, vector.key);
  const { agent_runtime_id: agentRuntimeId, task_id: taskId, timestamp, signature, header } = vector;
  const subject = { agentKey, agentRuntimeId, taskId };
  const expected = { agentRuntimeId, taskId, timestamp, signature };
  const atThatTime = { clock: () => Date.parse(timestamp) };

  requireEqual(core.createAgentAssertion(subject, atThatTime), expected, 'assertion');
  requireEqual(core.formatAgentAssertion(expected), header, 'header');
  requireEqual(
    core.createAssertionSigner(subject, atThatTime).authorizationHeader(),
    header,
    'signed header',
  );
  const parsed = core.parseAgentAssertion(header);
  requireEqual(parsed, expected, 'parsed header');
  core.verifyAgentAssertion(parsed, { publicKey: agentKey.publicKey }, atThatTime);

  const { publicKey } = agentKeyOtherThan(core, vectors, vector.key);
  requireRefusal(
    'invalid_signature',
    () => core.verifyAgentAssertion(parsed, { publicKey }, atThatTime),
    'the key of another agent',
  );
}

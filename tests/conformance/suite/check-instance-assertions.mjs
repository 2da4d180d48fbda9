import { base64OfBytes, bytesOfBase64, bytesOfHex, hexOfBytes, sshLineOf } from './bytes.mjs';
import { requireEqual, requireRefusal } from './checks.mjs';

/** The start of a PKCS#8 version 1 document in hexadecimal; a seed of 32 bytes follows (docs/protocol.md section 2). */
const pkcs8Header = '302e020100300506032b657004220420';

/**
 * Checks instance assertions byte for byte: the signing vector, and each assertion that the published client sent, with
 * the key that it had registered (docs/protocol-instances.md section 4).
 *
 * @param {import('./vectors.mjs').Check} check
 * @param {import('./vectors.mjs').Core} core
 * @param {import('./vectors.mjs').InstanceVectors} vectors
 */
export function checkInstanceAssertions(check, core, { made_here: vector, runs }) {
  check('instance assertions', 'the signing vector', () => requireSigningVector(core, vector));
  check('instance assertions', 'the signing vector, every character changed', () =>
    requireEveryCharacterProtected(core, vector),
  );
  for (const { scenario, registrations, assertions } of runs) {
    assertions.forEach((captured, i) => {
      check('instance assertions', `${scenario} ${i}`, () => requireCaptured(core, registrations, captured));
    });
  }
}

/**
 * @param {import('./vectors.mjs').Core} core
 * @param {import('./vectors.mjs').InstanceVectors['made_here']} vector
 */
function requireSigningVector(core, vector) {
  const agentKey = core.readAgentKey(base64OfBytes(bytesOfHex(pkcs8Header + vector.ed25519_seed_hex)));
  requireEqual(agentKey.publicKey.ssh, vector.public_key, 'public key');
  const { runtime_agent_instance: runtimeAgentInstanceId, iat, id } = JSON.parse(vector.payload);
  const subject = { agentKey, runtimeAgentInstanceId };
  const effects = { clock: () => iat * 1000, randomUuid: () => id };
  requireEqual(core.createInstanceAssertion(subject, effects), vector.assertion, 'assertion');
  const signer = core.createInstanceAssertionSigner(subject, effects);
  requireEqual(signer.assertion(), vector.assertion, 'assertion of a signer');
  requireEqual(signer.authorizationHeader(), `AgentAssertion ${vector.assertion}`, 'header of a signer');
  requireEqual(core.detectAssertionGeneration(signer.authorizationHeader()), 2, 'generation');

  const [one, other] = [core.createInstanceAssertion(subject), core.createInstanceAssertion(subject)];
  if (one === other) throw new Error('two assertions are alike');
  core.verifyInstanceAssertion(core.parseInstanceAssertion(one), { publicKey: agentKey.publicKey });
}

/**
 * @param {import('./vectors.mjs').Core} core
 * @param {import('./vectors.mjs').InstanceVectors['runs'][number]['registrations']} registrations
 * @param {import('./vectors.mjs').InstanceVectors['runs'][number]['assertions'][number]} captured
 */
function requireCaptured(core, registrations, captured) {
  const { claims, header_value: headerValue, assertion, signature_hex: signatureHex } = captured;
  const registration = registrations.find(({ response_status: status, response_body: body }) => {
    return status === 200 && JSON.parse(body).runtime_agent_instance_id === claims.runtime_agent_instance;
  });
  if (registration === undefined) throw new Error('no registration of this instance among the vectors');
  const publicKey = core.readSshPublicKey(JSON.parse(registration.body).public_key);
  const parsed = core.parseInstanceAssertion(headerValue);
  requireEqual(core.parseInstanceAssertion(assertion), parsed, 'the assertion without its header');
  const { runtimeAgentInstanceId, issuedAtSeconds, id, signature } = parsed;
  requireEqual(
    { version: 1, runtime_agent_instance: runtimeAgentInstanceId, iat: issuedAtSeconds, id },
    claims,
    'claims',
  );
  requireEqual(hexOfBytes(bytesOfBase64Url(signature)), signatureHex, 'signature');
  const atThatTime = { clock: () => captured.received_at * 1000 };
  core.verifyInstanceAssertion(parsed, { publicKey }, atThatTime);

  requireRefusal(
    'invalid_signature',
    () => core.verifyInstanceAssertion(parsed, { publicKey: core.generateAgentKey().publicKey }, atThatTime),
    'the key of another instance',
  );
  requireRefusal(
    'instance_assertion_expired',
    () => core.verifyInstanceAssertion(parsed, { publicKey }, { clock: () => (claims.iat + 61) * 1000 }),
    'an assertion of 61 seconds ago',
  );
}

/**
 * Changes each character of the assertion. It must be refused when parsed, or must not verify.
 *
 * @param {import('./vectors.mjs').Core} core
 * @param {import('./vectors.mjs').InstanceVectors['made_here']} vector
 */
function requireEveryCharacterProtected(core, { assertion, payload, public_key_raw_base64url: rawKey }) {
  const publicKey = core.readSshPublicKey(sshLineOf(bytesOfBase64Url(rawKey)));
  const clock = () => JSON.parse(payload).iat * 1000;
  for (let i = 0; i < assertion.length; i += 1) {
    const other = assertion[i] === 'A' ? 'B' : 'A';
    const changed = assertion.slice(0, i) + other + assertion.slice(i + 1);
    let accepted = false;
    try {
      core.verifyInstanceAssertion(core.parseInstanceAssertion(changed), { publicKey }, { clock });
      accepted = true;
    } catch (error) {
      if (!core.isAgentIdentityError(error)) throw error;
    }
    if (accepted) throw new Error(`character ${i} of the assertion can be changed`);
  }
}

/** @param {string} text */
function bytesOfBase64Url(text) {
  return bytesOfBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
}

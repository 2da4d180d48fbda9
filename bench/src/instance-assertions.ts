import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import {
  createInstanceAssertionSigner,
  generateAgentKey,
  parseInstanceAssertion,
  verifyInstanceAssertion,
} from 'agent-identity-core';
import { SignJWT } from 'jose';
import type { Operation } from './measure.js';

const runtimeAgentInstanceId = 'rai-4aad5ea6-6461-405c-984b-2a82cef7038a';
const agentKey = generateAgentKey();
const { publicKey } = agentKey;
const pkcs8 = Buffer.from(agentKey.toPkcs8Base64(), 'base64');
const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
const signer = createInstanceAssertionSigner({ agentKey, runtimeAgentInstanceId });

interface Signed {
  readonly message: Buffer;
  readonly signature: Buffer;
}

const assertions = Array.from({ length: 600 }, () => signer.assertion());
const signed = assertions.map((assertion): Signed => {
  const [, header, payload, signature = ''] = assertion.split('.');
  return { message: Buffer.from(`${header}.${payload}`), signature: Buffer.from(signature, 'base64url') };
});
const [{ message }] = signed as [Signed, ...Signed[]];
const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey.bytes]);
const nodeKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });

/** Operations that sign an instance assertion. Each has a new id, so nothing is reused. */
export const signedInstanceAssertions: Readonly<Record<string, Operation>> = {
  'node:crypto sign, bytes of the same length': () => sign(null, message, privateKey),
  createInstanceAssertionSigner: () => signer.assertion(),
  'jose SignJWT, the same claims': () =>
    new SignJWT({ version: 1, runtime_agent_instance: runtimeAgentInstanceId, id: crypto.randomUUID() })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'openai-agent-assertion+jws' })
      .setIssuedAt()
      .sign(privateKey),
};

let next = 0;
function nextIndex(): number {
  next = (next + 1) % assertions.length;
  return next;
}

/** Operations that verify a different instance assertion at each call. */
export const verifiedInstanceAssertions: Readonly<Record<string, Operation>> = {
  'node:crypto verify, decoded bytes': () => {
    const entry = signed[nextIndex()] as Signed;
    return verify(null, entry.message, nodeKey, entry.signature);
  },
  'parseInstanceAssertion, verifyInstanceAssertion': () =>
    verifyInstanceAssertion(parseInstanceAssertion(assertions[nextIndex()] as string), {
      publicKey,
      maxAgeSeconds: 3600,
    }),
};

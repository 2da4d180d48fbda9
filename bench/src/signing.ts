import { createPrivateKey, sign } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { createAssertionSigner, formatAgentAssertion, generateAgentKey } from 'agent-identity-core';
import { SignJWT } from 'jose';
import nacl from 'tweetnacl';
import type { Operation } from './measure.js';

const agentRuntimeId = 'agent-1f0c2a3b-6a51-4f1e-9a2d-5f3f0a7c9e11';
const taskId = 'task-9b1d7e52-0c54-4d55-8e0a-0d6d8a3d7f42';
const agentKey = generateAgentKey();
const pkcs8 = agentKey.toPkcs8Base64();
const privateKey = createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' });
const seed = Buffer.from(pkcs8, 'base64').subarray(-32);
const naclKey = nacl.sign.keyPair.fromSeed(seed).secretKey;
const message = Buffer.from(`${agentRuntimeId}:${taskId}:2026-04-23T00:00:00Z`);

/** Operations that sign a header for a new second at each call, so that nothing is reused. */
export const headersOfNewSeconds: Readonly<Record<string, Operation>> = {
  'node:crypto sign, the same bytes': () => sign(null, message, privateKey),
  'createAssertionSigner, new second each time': newSecondSigner(),
  'the steps of the reference': signLikeReference,
  'jose SignJWT, EdDSA': () =>
    new SignJWT({ agent_runtime_id: agentRuntimeId, task_id: taskId })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuedAt()
      .sign(privateKey),
  'tweetnacl sign, the same bytes': () => nacl.sign.detached(message, naclKey),
  'noble sign, the same bytes': () => ed25519.sign(message, seed),
};

const signer = createAssertionSigner({ agentKey, agentRuntimeId, taskId });

/** Operations that sign headers within one second. */
export const headersWithinOneSecond: Readonly<Record<string, Operation>> = {
  'node:crypto sign, the same bytes': () => sign(null, message, privateKey),
  'createAssertionSigner, same second': () => signer.authorizationHeader(),
};

function newSecondSigner(): Operation {
  let now = Date.parse('2026-04-23T00:00:00Z');
  const newSecond = createAssertionSigner(
    { agentKey, agentRuntimeId, taskId },
    {
      clock: () => {
        now += 1000;
        return now;
      },
    },
  );
  return () => newSecond.authorizationHeader();
}

/** Codex reads the stored PKCS#8, signs and serializes for each request. */
function signLikeReference(): string {
  const key = createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' });
  const timestamp = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const signature = sign(null, Buffer.from(`${agentRuntimeId}:${taskId}:${timestamp}`), key).toString(
    'base64',
  );
  return formatAgentAssertion({ agentRuntimeId, taskId, timestamp, signature });
}

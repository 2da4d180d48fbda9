import { generateAgentKey, readAgentKey } from 'agent-identity-core';
import { localJwks, verifyAgentIdentityJwt } from 'agent-identity-jwt';
import fc from 'fast-check';
import { rsaKey } from 'test-support';
import { expect, it } from 'vitest';
import { goodClaims, issuedClock, signToken } from '../support/issuer.js';
import { refusalOf } from '../support/refusal.js';

const key = rsaKey('key-1');
const jwks = localJwks({ keys: [key.jwk] });

function verifyWith(agent_private_key: string) {
  return verifyAgentIdentityJwt(
    signToken(key, { ...goodClaims, agent_private_key }),
    { jwks },
    { clock: issuedClock },
  );
}

function version2(seed: Uint8Array, publicKey: Uint8Array): string {
  const header = Buffer.from('3051020101300506032b657004220420', 'hex');
  return Buffer.concat([header, seed, Buffer.from('812100', 'hex'), publicKey]).toString('base64');
}

const agentKey = generateAgentKey();
const seed = Buffer.from(agentKey.toPkcs8Base64(), 'base64').subarray(-32);

it('both versions of PKCS#8 are accepted', async () => {
  const written = version2(seed, agentKey.publicKey.bytes);
  expect((await verifyWith(agentKey.toPkcs8Base64())).agent_private_key).toBe(agentKey.toPkcs8Base64());
  expect((await verifyWith(written)).agent_private_key).toBe(written);
});

it.each([
  ['text', 'not a key'],
  ['base64url', Buffer.alloc(48, 0xff).toString('base64url')],
  ['a seed without its document', seed.toString('base64')],
  [
    'a document cut short',
    Buffer.from(agentKey.toPkcs8Base64(), 'base64').subarray(0, 47).toString('base64'),
  ],
  [
    'a document with a byte too many',
    Buffer.concat([Buffer.from(agentKey.toPkcs8Base64(), 'base64'), Buffer.alloc(1)]).toString('base64'),
  ],
  ['a line end behind the document', `${agentKey.toPkcs8Base64()}\n`],
  ['PEM', `-----BEGIN PRIVATE KEY-----\n${agentKey.toPkcs8Base64()}\n-----END PRIVATE KEY-----`],
  [
    'a key of another algorithm',
    Buffer.from(`302e020100300506032b656e04220420${seed.toString('hex')}`, 'hex').toString('base64'),
  ],
  ['a public key that is not of the seed', version2(seed, generateAgentKey().publicKey.bytes)],
])('%s is refused as a private key', async (_what, value) => {
  const refusal = await refusalOf(verifyWith(value));
  expect(refusal).toMatchObject({ code: 'invalid_agent_key', retryable: false });
  expect(refusal.message).toContain('agent_private_key');
  expect(refusal.message).not.toContain(value);
});

it('text that is nearly a key is accepted or refused exactly as by readAgentKey', async () => {
  const document = Buffer.from(agentKey.toPkcs8Base64(), 'base64');
  const changed = fc.tuple(fc.nat(document.length - 1), fc.nat(255)).map(([at, byte]) =>
    Buffer.from(document)
      .fill(byte, at, at + 1)
      .toString('base64'),
  );
  const retyped = fc
    .tuple(fc.nat(63), fc.constantFrom(...'AIQaz09+/-_= '))
    .map(
      ([at, character]) =>
        agentKey.toPkcs8Base64().slice(0, at) + character + agentKey.toPkcs8Base64().slice(at + 1),
    );
  await fc.assert(
    fc.asyncProperty(fc.oneof(changed, retyped), async (value) => {
      const loads = await verifyWith(value).then(
        () => true,
        () => false,
      );
      expect(loads).toBe(loadsInCore(value));
    }),
    { numRuns: 300 },
  );
});

function loadsInCore(value: string): boolean {
  try {
    readAgentKey(value);
    return true;
  } catch {
    return false;
  }
}

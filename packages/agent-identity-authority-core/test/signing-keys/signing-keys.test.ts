import { generateKeyPairSync } from 'node:crypto';
import { createAuthority, memoryStore, staticTokens } from 'agent-identity-authority-core';
import { localJwks, verifyAgentIdentityJwt } from 'agent-identity-jwt';
import { calculateJwkThumbprint, decodeProtectedHeader } from 'jose';
import { manualClock } from 'test-support';
import { describe, expect, it } from 'vitest';
import { account, newSigningKeyPem, now } from '../support/start-authority.js';

/** An authority with a manual clock and a new key at each rotation. */
async function authorityInTime(store = memoryStore(), behindSeconds = 0) {
  const { clock, advance } = manualClock(now - behindSeconds * 1000);
  const authority = await createAuthority(
    {
      store,
      authenticator: staticTokens([]),
      jwtLifetimeSeconds: 3600,
      generateSigningKey: async () => newSigningKeyPem(),
    },
    { clock },
  );
  const kids = async () => (await authority.jwks()).keys.map(({ kid }) => kid);
  return {
    authority,
    kids,
    issue: async () => (await authority.issueAgentIdentityJwt({ account })).jwt,
    signingKid: async () => {
      const { jwt } = await authority.issueAgentIdentityJwt({ account });
      return decodeProtectedHeader(jwt).kid;
    },
    verify: async (jwt: string) =>
      verifyAgentIdentityJwt(jwt, { jwks: localJwks(await authority.jwks()) }, { clock }),
    advance,
  };
}

describe('the first signing key', () => {
  it('the authority creates it with 2048 bits and its RFC 7638 thumbprint as kid', async () => {
    const authority = await createAuthority({ store: memoryStore(), authenticator: staticTokens([]) });
    const [key] = (await authority.jwks()).keys;
    expect(Buffer.from(key?.n ?? '', 'base64url')).toHaveLength(256);
    expect(key?.kid).toBe(await calculateJwkThumbprint({ kty: 'RSA', n: key?.n ?? '', e: key?.e ?? '' }));
  });

  it('all authorities on a store share one key, even if they start at once', async () => {
    const store = memoryStore();
    const authorities = await Promise.all([1, 2, 3].map(() => authorityInTime(store)));
    const kids = await Promise.all(authorities.map(({ kids }) => kids()));
    expect(kids[0]).toHaveLength(1);
    expect(new Set(kids.map(String)).size).toBe(1);
  });

  it("signs for an authority whose clock is behind its creator's", async () => {
    const store = memoryStore();
    const { kids } = await authorityInTime(store);
    const late = await authorityInTime(store, 5);
    expect(await late.signingKid()).toBe((await kids())[0]);
  });

  it.each([
    ['text that is not a PEM', 'not a key of any kind'],
    ['a key that is too short', pemOf(1024)],
    ['another kind of key', ed25519Pem()],
  ])('generateSigningKey that returns %s is refused without quoting it', async (_what, pem) => {
    const made = createAuthority({
      store: memoryStore(),
      authenticator: staticTokens([]),
      generateSigningKey: async () => pem,
    });
    const error = await made.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'invalid_argument',
      message: 'generateSigningKey: expected a PKCS#8 PEM of an RSA key with 2048 bits or more',
    });
    expect(error).not.toHaveProperty('cause');
  });
});

describe('rotation', () => {
  it('the new key signs at once, and the old one stays published while its JWTs can be valid', async () => {
    const { authority, kids, issue, signingKid, verify, advance } = await authorityInTime();
    const [first] = await kids();
    const old = await issue();
    const { kid: second } = await authority.rotateSigningKey();
    expect(await signingKid()).toBe(second);
    expect(await kids()).toEqual([first, second]);
    advance(3600 + 59);
    await verify(old);
    expect(await kids()).toEqual([first, second]);
    advance(1);
    expect(await kids()).toEqual([second]);
  });

  it('the new key can be published before it signs', async () => {
    const { authority, kids, signingKid, advance } = await authorityInTime();
    const [first] = await kids();
    const { kid: second } = await authority.rotateSigningKey({
      activateAfterSeconds: 600,
      overlapSeconds: 60,
    });
    expect(await kids()).toEqual([first, second]);
    expect(await signingKid()).toBe(first);
    advance(599);
    expect(await signingKid()).toBe(first);
    advance(1);
    expect(await signingKid()).toBe(second);
    advance(60);
    expect(await kids()).toEqual([second]);
  });

  it('the old key can be removed at once, and its JWTs with it', async () => {
    const { authority, kids, issue, verify } = await authorityInTime();
    const old = await issue();
    const { kid: second } = await authority.rotateSigningKey({ overlapSeconds: 0 });
    expect(await kids()).toEqual([second]);
    await expect(verify(old)).rejects.toMatchObject({ code: 'unknown_kid' });
  });

  it('a later rotation never extends an old key', async () => {
    const { authority, kids, advance } = await authorityInTime();
    await authority.rotateSigningKey({ overlapSeconds: 10 });
    const { kid: third } = await authority.rotateSigningKey({ overlapSeconds: 60 });
    expect(await kids()).toHaveLength(3);
    advance(10);
    expect(await kids()).toHaveLength(2);
    advance(50);
    expect(await kids()).toEqual([third]);
  });

  it('the other authorities on the store see it', async () => {
    const store = memoryStore();
    const one = await authorityInTime(store);
    const other = await authorityInTime(store);
    const { kid } = await one.authority.rotateSigningKey();
    expect(await other.signingKid()).toBe(kid);
  });

  it('happens once if two authorities rotate the same key at once', async () => {
    const store = memoryStore();
    const nodes = [await authorityInTime(store), await authorityInTime(store)];
    const [first] = (await nodes[0]?.kids()) ?? [];
    const rotated = await Promise.all(
      nodes.map(({ authority }) => authority.rotateSigningKey({ ifNewestKid: first })),
    );
    expect(new Set(rotated.map(({ kid }) => kid)).size).toBe(1);
    expect(await store.listSigningKeys()).toHaveLength(2);
  });

  it.each([3600, 315_360_000])(
    'the old keys stay out of the key set if the clock is then set back by %s s',
    async (seconds) => {
      const { authority, kids, signingKid, advance } = await authorityInTime();
      const { kid: second } = await authority.rotateSigningKey({ overlapSeconds: 0 });
      const { kid: third } = await authority.rotateSigningKey();
      advance(10);
      await authority.retireSigningKey(second);
      expect(await kids()).toEqual([third]);
      advance(-seconds);
      expect(await kids()).toEqual([third]);
      expect(await signingKid()).toBe(third);
    },
  );

  it.each([3600, -3600, 315_360_000, -315_360_000])(
    'a clock that jumps by %s s for a moment of rotation leaves a key that signs and all keys of valid JWTs',
    async (seconds) => {
      const { authority, kids, issue, verify, advance } = await authorityInTime();
      const [first] = await kids();
      advance(seconds);
      const { kid: second } = await authority.rotateSigningKey({ activateAfterSeconds: 900 });
      advance(-seconds);
      if (seconds > 0) expect(await kids()).toEqual([first, second]);
      expect(await kids()).toContain(second);
      await verify(await issue());
    },
  );

  it.each([{ overlapSeconds: -1 }, { activateAfterSeconds: 0.5 }, { ifNewestKid: 7 as never }])(
    'refuses %j',
    async (rotation) => {
      const { authority, kids } = await authorityInTime();
      await expect(authority.rotateSigningKey(rotation)).rejects.toMatchObject({ code: 'invalid_argument' });
      expect(await kids()).toHaveLength(1);
    },
  );
});

function pemOf(modulusLength: number): string {
  return generateKeyPairSync('rsa', {
    modulusLength,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
}

function ed25519Pem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

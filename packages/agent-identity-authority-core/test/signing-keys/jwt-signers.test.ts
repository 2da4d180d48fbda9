import { createPrivateKey, createPublicKey, generateKeyPairSync, sign as signRsa } from 'node:crypto';
import {
  type CreateAuthorityOptions,
  createAuthority,
  type JwtSigner,
  type JwtSigners,
  memoryStore,
  staticTokens,
} from 'agent-identity-authority-core';
import { localJwks, verifyAgentIdentityJwt } from 'agent-identity-jwt';
import { calculateJwkThumbprint, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { account, newSigningKeyPem, now, startAuthority } from '../support/start-authority.js';
import { startJwtSigner } from '../support/start-jwt-signer.js';

const clock = () => now;

/** A signer in this process, for what does not depend on where the key is. */
function localSigner(changes: Partial<JwtSigner> = {}): JwtSigner {
  const pem = newSigningKeyPem();
  const { n = '', e = '' } = createPublicKey(pem).export({ format: 'jwk' });
  return {
    publicJwk: { kty: 'RSA', n, e },
    sign: async (signingInput) => signRsa('sha256', signingInput, createPrivateKey(pem)),
    ...changes,
  };
}

function authorityWith(jwtSigners: JwtSigners, options: Partial<CreateAuthorityOptions> = {}) {
  const store = options.store ?? memoryStore();
  return createAuthority({ authenticator: staticTokens([]), jwtSigners, ...options, store }, { clock });
}

describe('an authority whose RS256 key is in another process', () => {
  it('issues JWTs that its key set verifies, and stores no signing key', async () => {
    const { signer, digests } = await startJwtSigner();
    const store = memoryStore();
    const authority = await authorityWith([signer], { store });
    const { jwt, agentRuntimeId } = await authority.issueAgentIdentityJwt({ account });
    const { keys } = await authority.jwks();
    const kid = await calculateJwkThumbprint({ ...signer.publicJwk });
    expect(keys).toEqual([{ ...signer.publicJwk, kid, alg: 'RS256', use: 'sig' }]);
    expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'RS256', kid, typ: 'JWT' });
    const claims = await verifyAgentIdentityJwt(jwt, { jwks: localJwks({ keys }) }, { clock });
    expect(claims.agent_runtime_id).toBe(agentRuntimeId);
    expect(digests).toHaveLength(1);
    expect(await store.listSigningKeys()).toEqual([]);
    const audited = JSON.stringify(await store.listAuditEntries({ limit: 100 }));
    expect(audited).not.toContain('signing_key');
  });

  it('answers 503 when the process has ended, and registers nothing', async () => {
    const { signer, kill } = await startJwtSigner();
    const failures: unknown[] = [];
    const { admin, authority, store } = await startAuthority({
      jwtSigners: [signer],
      generateSigningKey: undefined,
      onFailure: (failure) => failures.push(failure),
    });
    const accountBody = { account_id: 'a', chatgpt_user_id: 'u', plan_type: 'pro', is_fedramp: false };
    expect((await admin('/v1/admin/agents', { account: accountBody })).status).toBe(201);
    await kill();
    const { status, body } = await admin('/v1/admin/agents', { account: accountBody });
    expect([status, body.error.code]).toEqual([503, 'jwt_signer_unavailable']);
    await expect(authority.issueAgentIdentityJwt({ account })).rejects.toMatchObject({
      code: 'jwt_signer_unavailable',
      retryable: true,
    });
    expect(failures).toHaveLength(2);
    const runtimes = (await store.listAgentRuntimes({ limit: 10 })).items;
    expect(runtimes).toHaveLength(1);
  });

  it('leaves rotation and retirement to the owner of the keys', async () => {
    const { signer } = await startJwtSigner();
    const { admin, authority } = await startAuthority({
      jwtSigners: [signer],
      generateSigningKey: undefined,
    });
    const [key] = (await authority.jwks()).keys;
    const rotated = await admin('/v1/admin/signing-keys/rotate', {});
    const retired = await admin(`/v1/admin/signing-keys/${key?.kid}/retire`, {});
    for (const { status, body } of [rotated, retired]) {
      expect([status, body.error.code]).toEqual([409, 'signing_key_external']);
    }
    expect((await authority.jwks()).keys).toEqual([key]);
    expect((await admin('/v1/admin/signing-keys')).body).toEqual({ signing_keys: [] });
  });
});

describe('the list of jwtSigners', () => {
  it('signs by the first, and publishes all in their order', async () => {
    const [next, current] = [localSigner(), localSigner({ kid: 'projects/p/keys/k/versions/1' })];
    const past = { publicJwk: localSigner().publicJwk };
    const before = await authorityWith([current, next]);
    const { jwt } = await before.issueAgentIdentityJwt({ account });
    expect(decodeProtectedHeader(jwt).kid).toBe('projects/p/keys/k/versions/1');
    const after = await authorityWith([next, current, past]);
    const { keys } = await after.jwks();
    expect(keys.map(({ n }) => n)).toEqual([next, current, past].map(({ publicJwk }) => publicJwk.n));
    await verifyAgentIdentityJwt(jwt, { jwks: localJwks({ keys }) }, { clock });
    const renewed = await after.issueAgentIdentityJwt({ account });
    await verifyAgentIdentityJwt(renewed.jwt, { jwks: localJwks(await before.jwks()) }, { clock });
  });

  it('takes over from keys in the store: those are not used, and not published unless they are listed', async () => {
    const store = memoryStore();
    const stored = await createAuthority({ store, authenticator: staticTokens([]) }, { clock });
    const { jwt } = await stored.issueAgentIdentityJwt({ account });
    const [old] = (await stored.jwks()).keys;
    const signer = localSigner();
    const { admin, authority } = await startAuthority({
      store,
      jwtSigners: [signer],
      generateSigningKey: undefined,
    });
    expect((await authority.jwks()).keys.map(({ n }) => n)).toEqual([signer.publicJwk.n]);
    expect((await admin('/v1/admin/signing-keys')).body.signing_keys).toMatchObject([
      { kid: old?.kid, published: false },
    ]);
    if (old === undefined) throw new Error('expected a key');
    const listed = await authorityWith([signer, { kid: old.kid, publicJwk: old }], { store });
    await verifyAgentIdentityJwt(jwt, { jwks: localJwks(await listed.jwks()) }, { clock });
  });

  const { publicJwk } = localSigner();
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const privateJwk = privateKey.export({ format: 'jwk' });

  it.each<[string, unknown]>([
    ['no list', localSigner()],
    ['an empty list', []],
    ['a signer that is none', [{}]],
    ['a first key that cannot sign', [{ publicJwk }]],
    ['no public key', [{ sign: async () => new Uint8Array() }]],
    ['a PEM', [localSigner({ publicJwk: newSigningKeyPem() as never })]],
    ['a private key', [localSigner({ publicJwk: privateJwk as never })]],
    ['a private key behind the first', [localSigner(), { publicJwk: privateJwk }]],
    ['a short key', [localSigner({ publicJwk: shortJwk() })]],
    ['a key of another kind', [localSigner({ publicJwk: { ...publicJwk, kty: 'EC' as never } })]],
    ['an exponent of one', [localSigner({ publicJwk: { ...publicJwk, e: 'AQ' } })]],
    ['a blank kid', [localSigner({ kid: ' ' })]],
    ['a limit over a minute', [localSigner({ timeoutSeconds: 61 })]],
    ['the same key twice', [localSigner({ publicJwk }), { publicJwk, kid: 'other' }]],
    ['the same kid twice', [localSigner({ kid: 'a' }), localSigner({ kid: 'a' })]],
  ])('refuses %s without quoting it', async (_what, jwtSigners) => {
    const refused = await authorityWith(jwtSigners as JwtSigners).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'invalid_argument' });
    expect(String(refused)).not.toContain(String(privateJwk.d));
    expect(String(refused)).not.toContain('PRIVATE KEY');
  });

  it('is not given together with generateSigningKey', async () => {
    const options = { generateSigningKey: async () => newSigningKeyPem() };
    await expect(authorityWith([localSigner()], options)).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('a JWT signer that does not work', () => {
  async function issueWith(changes: Partial<JwtSigner>) {
    const failures: unknown[] = [];
    const store = memoryStore();
    const authority = await authorityWith([localSigner(changes)], {
      store,
      onFailure: (failure) => failures.push(failure),
    });
    const error = await authority.issueAgentIdentityJwt({ account }).catch((thrown: unknown) => thrown);
    const runtimes = (await store.listAgentRuntimes({ limit: 1 })).items;
    return { error, failures, runtimes };
  }

  it('hangs no longer than its limit', async () => {
    let ended: AbortSignal | undefined;
    const { error, runtimes } = await issueWith({
      timeoutSeconds: 0.01,
      sign(_input, { signal }) {
        ended = signal;
        return new Promise(() => {});
      },
    });
    expect(error).toMatchObject({ code: 'jwt_signer_unavailable', retryable: true });
    expect(ended?.aborted).toBe(true);
    expect(runtimes).toEqual([]);
  });

  it('fails without a trace of its error in ours', async () => {
    const failure = new Error('denied: Bearer secret-of-the-service');
    const { error, failures, runtimes } = await issueWith({ sign: () => Promise.reject(failure) });
    expect(error).toMatchObject({ code: 'jwt_signer_unavailable', retryable: true });
    expect(String(error)).not.toContain('secret');
    expect(error).not.toHaveProperty('cause');
    expect(failures).toEqual([failure]);
    expect(runtimes).toEqual([]);
  });

  it.each<[string, JwtSigner['sign']]>([
    ['signs with another key', localSigner().sign],
    ['returns nothing', async () => undefined as never],
    ['returns text', async () => 'signature' as never],
    ['returns zeros', async () => new Uint8Array(256)],
    [
      'changes the input first',
      async (input) => localSigner().sign(input.fill(0), { signal: AbortSignal.abort() }),
    ],
  ])('%s: no JWT is handed out, and nothing is registered', async (_what, sign) => {
    const { error, failures, runtimes } = await issueWith({ sign });
    expect(error).toMatchObject({ code: 'jwt_signer_mismatch', retryable: false });
    expect(failures).toHaveLength(1);
    expect(runtimes).toEqual([]);
  });

  it('is not asked while the store does not answer', async () => {
    let signatures = 0;
    const signer = localSigner();
    const store = memoryStore();
    const authority = await authorityWith(
      [
        {
          ...signer,
          sign(...args) {
            signatures += 1;
            return signer.sign(...args);
          },
        },
      ],
      { store: { ...store, ping: () => Promise.reject(new Error('no connection')) } },
    );
    await expect(authority.issueAgentIdentityJwt({ account })).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    expect(signatures).toBe(0);
  });
});

function shortJwk(): JwtSigner['publicJwk'] {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  return { kty: 'RSA', n, e };
}

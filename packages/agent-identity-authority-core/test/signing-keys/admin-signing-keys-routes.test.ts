import { describe, expect, it } from 'vitest';
import { newSigningKeyPem, startAuthority } from '../support/start-authority.js';

describe('signing keys', () => {
  it('they are listed without their private halves', async () => {
    const { admin } = await startAuthority();
    const { body } = await admin('/v1/admin/signing-keys');
    expect(body.signing_keys).toEqual([
      {
        kid: expect.any(String),
        created_at: '2026-04-23T00:00:00.000Z',
        active_from: '2026-04-23T00:00:00.000Z',
        published_until: null,
        published: true,
      },
    ]);
  });

  it('they rotate with an overlap, and the old key can be retired immediately', async () => {
    const { admin, authority } = await startAuthority({ generateSigningKey: async () => newSigningKeyPem() });
    const [first] = (await admin('/v1/admin/signing-keys')).body.signing_keys;
    const rotated = await admin('/v1/admin/signing-keys/rotate', { activate_after_seconds: 900 });
    expect(rotated.status).toBe(201);
    const kids = async () => (await authority.jwks()).keys.map(({ kid }) => kid);
    expect(await kids()).toEqual([first.kid, rotated.body.kid]);
    expect((await admin(`/v1/admin/signing-keys/${rotated.body.kid}/retire`, {})).status).toBe(409);
    expect((await admin(`/v1/admin/signing-keys/unknown/retire`, {})).status).toBe(404);
    expect((await admin(`/v1/admin/signing-keys/${first.kid}/retire`, {})).status).toBe(200);
    expect(await kids()).toEqual([rotated.body.kid]);
  });

  it('a rotation without overlap removes the old key immediately', async () => {
    const { admin, authority } = await startAuthority({ generateSigningKey: async () => newSigningKeyPem() });
    const { body } = await admin('/v1/admin/signing-keys/rotate', { overlap_seconds: 0 });
    expect((await authority.jwks()).keys.map(({ kid }) => kid)).toEqual([body.kid]);
  });

  it('an invalid rotation request changes nothing', async () => {
    const { admin, authority } = await startAuthority();
    for (const request of [{ overlap_seconds: -1 }, { overlap: 1 }, 'nonsense', []]) {
      expect((await admin('/v1/admin/signing-keys/rotate', request)).status).toBe(400);
    }
    expect((await authority.jwks()).keys).toHaveLength(1);
  });
});

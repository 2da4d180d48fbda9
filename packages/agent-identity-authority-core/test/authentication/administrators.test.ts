import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import {
  type AdministratorFromClaimsOptions,
  type AdministratorToken,
  administratorFromClaims,
  administratorTokens,
} from 'agent-identity-authority-core';
import { describe, expect, it } from 'vitest';
import { bearer, startAuthority } from '../support/start-authority.js';

const token = 'a-token-of-thirty-two-characters';
const sha256 = createHash('sha256').update(token).digest('hex');
const alice = { name: 'alice', role: 'administrator' } as const;

describe('administratorTokens', () => {
  it('returns the name, the role and the accounts of a token or its digest', () => {
    const accountIds = ['account-1'];
    const administrators = administratorTokens([
      { ...alice, sha256 },
      { name: 'bob', role: 'viewer', accountIds, token: `${token}-of-bob` },
    ]);
    accountIds.push('account-2');
    expect(administrators.authenticate(token)).toEqual(alice);
    expect(administrators.authenticate(`${token}-of-bob`)).toEqual({
      name: 'bob',
      role: 'viewer',
      accountIds: ['account-1'],
    });
    for (const other of ['', sha256, `${token}x`]) expect(administrators.authenticate(other)).toBeUndefined();
    expect(inspect(administrators, { depth: 9, showHidden: true })).not.toContain(token);
  });

  it.each<[string, object]>([
    ['a short token', { ...alice, token: token.slice(1) }],
    ['neither token nor digest', alice],
    ['both', { ...alice, token, sha256 }],
    ['a digest that is none', { ...alice, sha256: token }],
    ['a blank name', { ...alice, name: ' ', token }],
    ['no role', { name: 'alice', token }],
    ['an unknown role', { ...alice, role: 'admin', token }],
    ['no accounts', { ...alice, accountIds: [], token }],
    ['an account that no agent can have', { ...alice, accountIds: ['account 1'], token }],
    ['a mistyped member', { ...alice, accounts: ['account-1'], token }],
  ])('refuses %s, without quoting the token', (_what, entry) => {
    expect(() => administratorTokens([entry as AdministratorToken])).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        message: expect.not.stringContaining(token.slice(1)),
      }),
    );
  });

  it('refuses a token and the digest of the same one', () => {
    expect(() =>
      administratorTokens([
        { ...alice, token },
        { ...alice, sha256 },
      ]),
    ).toThrow('only once');
  });
});

describe('administratorFromClaims', () => {
  const roles = {
    'agents-view': 'viewer',
    'agents-operate': 'operator',
    'agents-admin': 'administrator',
  } as const;
  const subjectOf = administratorFromClaims({ roleClaim: 'groups', roles });
  const limited = administratorFromClaims({ roleClaim: 'groups', roles, accountIds: ['org', 'ids'] });

  it.each([
    ['viewer', 'agents-view'],
    ['operator', 'staff agents-operate'],
    ['administrator', ['agents-admin']],
    ['administrator', ['agents-view', 'agents-admin', 'agents-operate']],
  ])('gives the role %s for %j', (role, groups) => {
    expect(subjectOf({ sub: 'alice', groups })).toEqual({ name: 'alice', role });
  });

  it.each([
    {},
    { groups: [] },
    { groups: 'agents' },
    { groups: 'constructor' },
    { groups: { 'agents-view': true } },
  ])('refuses claims without a role: %j', (claims) => {
    expect(() => subjectOf({ sub: 'mallory', ...claims })).toThrow(
      expect.objectContaining({ code: 'insufficient_scope' }),
    );
  });

  it('limits the administrator to the accounts of a claim', () => {
    for (const ids of ['account-1', ['account-1']]) {
      expect(limited({ sub: 'alice', groups: 'agents-view', org: { ids } })).toEqual({
        name: 'alice',
        role: 'viewer',
        accountIds: ['account-1'],
      });
    }
  });

  it.each([undefined, [], '', 7, ['account-1', 7], [''], null])(
    'refuses a token whose claim of accounts is %j: it must not reach all of them',
    (ids) => {
      expect(() => limited({ sub: 'alice', groups: 'agents-view', org: { ids } })).toThrow(
        expect.objectContaining({
          code: 'invalid_access_token',
          message: expect.stringContaining('claim org > ids'),
        }),
      );
    },
  );

  it.each<object>([
    {},
    { roleClaim: 'groups' },
    { roleClaim: 'groups', roles: {} },
    { roleClaim: 'groups', roles: { '': 'viewer' } },
    { roleClaim: 'groups', roles: { staff: 'admin' } },
    { roleClaim: '', roles },
    { roleClaim: 'groups', roles, accountIds: '' },
    { roleClaim: 'groups', roles, accounts: 'org' },
  ])('refuses the options %j', (options) => {
    expect(() => administratorFromClaims(options as AdministratorFromClaimsOptions)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });
});

it('an authenticator that forgets the role gives no role', async () => {
  const failures: unknown[] = [];
  const { get } = await startAuthority({
    administrators: { authenticate: () => ({ name: 'alice' }) as never },
    onFailure: (failure) => failures.push(failure),
  });
  expect((await get('/v1/admin/me', { headers: bearer(token) })).status).toBe(503);
  expect(failures).toMatchObject([{ message: expect.stringContaining('administrator.role') }]);
});

it('a lower role than needed is a 403 that says so to people, programs and HTTP clients', async () => {
  const { get } = await startAuthority({
    administrators: administratorTokens([{ name: 'bob', role: 'viewer', token }]),
  });
  const { status, body, headers } = await get('/v1/admin/signing-keys/rotate', {
    method: 'POST',
    headers: bearer(token),
    body: '{}',
  });
  expect({ status, body }).toEqual({
    status: 403,
    body: {
      error: {
        code: 'role_required',
        message: 'This needs the role "administrator", and "bob" has the role "viewer".',
        required_role: 'administrator',
        role: 'viewer',
      },
    },
  });
  expect(headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope"');
});

import { generateKeyPairSync } from 'node:crypto';
import type { FederationRule } from 'agent-identity-authority-core';
import { closedOrigin } from 'test-support';
import { oidcIssuer } from 'test-support/oidc';
import { describe, expect, it } from 'vitest';
import { base, claims, now, openRules, tokenOf } from '../support/federation.js';

describe('a rule', () => {
  it('maps the claims to the account', async () => {
    const { federated } = openRules([{ ...base, planTypeClaim: ['nested', 'plan'], isFedramp: true }]);
    const token = await tokenOf({ ...claims, email: 'user@example.com', nested: { plan: 'business' } });
    expect(await federated.authenticate(token)).toEqual({
      accountId: 'account-1',
      chatgptUserId: 'user-1',
      email: 'user@example.com',
      planType: 'business',
      isFedramp: true,
    });
  });

  it('gives fixed values, whatever the token says', async () => {
    const { accountIdClaim: _, ...rest } = base;
    const { federated } = openRules([
      { ...rest, accountId: 'account-9', chatgptUserId: 'ci', planType: 'business' },
    ]);
    const forged = { ...claims, accountId: 'forged', 'fixed by the rule': { accountId: 'forged' } };
    expect(await federated.authenticate(await tokenOf(forged))).toMatchObject({
      accountId: 'account-9',
      chatgptUserId: 'ci',
      planType: 'business',
    });
  });

  it('describes the agents by fixed values and by claims, and leaves out what a token does not say', async () => {
    const rule = {
      ...base,
      agentNameClaim: 'repository',
      agentOwner: 'team-search',
      labels: { team: 'search' },
      labelClaims: { repository: 'repository', ref: ['nested', 'ref'], actor: 'actor' },
    };
    const { federated } = openRules([rule]);
    const token = await tokenOf({ ...claims, repository: 'example/app', nested: { ref: 'refs/heads/main' } });
    expect(await federated.authenticate(token)).toMatchObject({
      agent: {
        name: 'example/app',
        owner: 'team-search',
        labels: { team: 'search', repository: 'example/app', ref: 'refs/heads/main' },
      },
    });
    const { agent } = (await federated.authenticate(await tokenOf(claims))) ?? {};
    expect(agent).toEqual({ name: undefined, owner: 'team-search', labels: { team: 'search' } });
  });

  it.each([
    ['a number as name', { agentNameClaim: 'n' }, { n: 7 }],
    ['a name that is too long', { agentNameClaim: 'n' }, { n: 'x'.repeat(256) }],
    ['a list as label', { labelClaims: { team: 'n' } }, { n: ['a'] }],
    ['a label with NUL', { labelClaims: { team: 'n' } }, { n: 'a\0' }],
  ])('refuses %s in a token', async (_what, members, change) => {
    const { federated, refusals } = openRules([{ ...base, ...members }]);
    expect(await federated.authenticate(await tokenOf({ ...claims, ...change }))).toBeUndefined();
    expect(refusals).toMatchObject([{ reason: 'claim' }]);
  });

  it.each([
    [{ agentName: 'a', agentNameClaim: 'b' }, 'one of agentName and agentNameClaim'],
    [{ agentOwner: '' }, 'owner'],
    [{ labels: { 'two words': 'a' } }, 'labels'],
    [{ labelClaims: { 'two words': 'a' } }, 'labels'],
    [{ labels: { team: 'a' }, labelClaims: { team: 'b' } }, 'each label in one of'],
    [{ labelClaims: { team: 7 } }, 'labelClaims'],
    [{ labelClaims: { team: '' } }, 'team'],
    [{ agentname: 'a' }, 'did you mean "agentName"'],
  ])('is refused with the description %j', (members, message) => {
    expect(() => openRules([{ ...base, ...members } as never])).toThrow(message);
  });

  it.each([
    ['another audience', { aud: 'others' }, 'audience'],
    ['no audience', { aud: undefined }, 'audience'],
    ['an old token', { exp: now / 1000 - 100 }, 'expired'],
    ['no account', { org: undefined }, 'claim'],
    ['a number as account', { org: 12 }, 'claim'],
  ])('refuses %s', async (_what, change, reason) => {
    const { federated, refusals } = openRules([base]);
    expect(await federated.authenticate(await tokenOf({ ...claims, ...change }))).toBeUndefined();
    expect(refusals).toMatchObject([{ reason }]);
  });

  it('refuses a token of another key, of another issuer, and what is no token', async () => {
    const { federated, refusals } = openRules([base]);
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    for (const token of [
      await tokenOf(claims, other),
      await tokenOf({ ...claims, iss: 'https://evil.example.com' }),
      'no-token',
    ]) {
      expect(await federated.authenticate(token)).toBeUndefined();
    }
    expect(refusals).toMatchObject([{ reason: 'signature' }, { reason: 'issuer' }, { reason: 'issuer' }]);
  });

  it('fetches the keys of its issuer, and an issuer that does not answer is no refusal', async () => {
    const { issuer, token } = await oidcIssuer(() => now);
    const { jwks: _, ...rest } = base;
    const { federated } = openRules([{ ...rest, issuer }]);
    expect(await federated.authenticate(await token())).toMatchObject({ accountId: 'account-1' });
    const closed = await closedOrigin();
    const down = openRules([{ ...rest, issuer: closed }]);
    const verdict = down.federated.authenticate(await tokenOf({ ...claims, iss: closed }));
    await expect(verdict).rejects.not.toMatchObject({ code: 'insufficient_scope' });
    expect(down.refusals).toEqual([]);
  });
});

it('a list is no audience in another claim', async () => {
  const { federated } = openRules([{ ...base, audienceClaim: 'client_id' }]);
  const audienceOf = async (client_id: unknown) =>
    (await federated.explain(await tokenOf({ ...claims, client_id }))).account?.accountId;
  expect(await audienceOf('agents')).toBe('account-1');
  expect(await audienceOf(['agents'])).toBeUndefined();
});

describe('several rules', () => {
  it('decide even if the token that fits has no account', async () => {
    const first = {
      ...base,
      name: 'strict',
      accountIdClaim: 'tenant',
      conditions: [{ claim: 'role', equals: 'a' }],
    };
    const { federated } = openRules([first, base]);
    const { account, outcomes } = await federated.explain(await tokenOf({ ...claims, role: 'a' }));
    expect([account, outcomes.map(({ refusal }) => refusal?.reason)]).toEqual([undefined, ['claim']]);
    expect(await federated.authenticate(await tokenOf(claims))).toMatchObject({ accountId: 'account-1' });
  });

  it('of one issuer fetch its keys once', async () => {
    const { issuer, token, requestedPaths } = await oidcIssuer(() => now);
    const { jwks: _, ...rest } = base;
    const rule = { ...rest, issuer, conditions: [{ claim: 'role', equals: 'a' }] };
    const { federated } = openRules([rule, { ...rule, name: 'rule-2' }]);
    await federated.explain(await token());
    expect(requestedPaths).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  const rules: readonly FederationRule[] = [
    {
      ...base,
      name: 'admins',
      conditions: [{ claim: 'role', equals: 'admin' }],
      accountId: 'account-admin',
      accountIdClaim: undefined,
    },
    { ...base, name: 'eu', audience: 'agents-eu' },
    { ...base, name: 'others', conditions: [{ claim: 'org', glob: 'account-*' }] },
  ];

  it('are tried in their order, and the first one that fits decides', async () => {
    const { federated } = openRules(rules);
    const accountOf = async (added: object) =>
      (await federated.authenticate(await tokenOf({ ...claims, ...added })))?.accountId;
    expect(await accountOf({ role: 'admin' })).toBe('account-admin');
    expect(await accountOf({ aud: 'agents-eu' })).toBe('account-1');
    expect(await accountOf({})).toBe('account-1');
  });

  it('explain a decision', async () => {
    const { federated } = openRules(rules);
    expect(await federated.explain(await tokenOf(claims))).toEqual({
      outcomes: [
        { rule: 'admins', refusal: { reason: 'role', message: 'claim role: expected "admin"' } },
        {
          rule: 'eu',
          refusal: { reason: 'audience', message: 'aud: expected one of ["agents-eu"], got "agents"' },
        },
        { rule: 'others', refusal: undefined },
      ],
      account: {
        accountId: 'account-1',
        chatgptUserId: 'user-1',
        email: undefined,
        planType: 'unknown',
        isFedramp: false,
      },
    });
    const refused = await federated.explain(await tokenOf({ ...claims, org: 'other' }));
    expect(refused.account).toBeUndefined();
    expect(refused.outcomes.map(({ refusal }) => refusal?.reason)).toEqual(['role', 'audience', 'role']);
  });
});

describe('mistakes in rules', () => {
  it.each([
    ['no rules', [], 'rules'],
    ['an unknown member', [{ ...base, condition: [] }], 'condition'],
    ['no name', [{ ...base, name: '' }], 'rules[0].name'],
    ['the same name twice', [base, base], 'each name only once'],
    ['no audience', [{ ...base, audience: [] }], 'audience'],
    ['a symmetric algorithm', [{ ...base, algorithms: ['HS256'] }], 'algorithms'],
    ['no key set', [{ ...base, jwks: { keys: 'none' } }], 'rules[0].jwks'],
    ['two sources of keys', [{ ...base, jwksUrl: 'https://a.example/keys' }], 'one of jwks and jwksUrl'],
    ['an insecure URL', [{ ...base, jwks: undefined, jwksUrl: 'http://a.example/keys' }], 'plain http:'],
    ['no account', [{ ...base, accountIdClaim: undefined }], 'accountId or accountIdClaim'],
    ['two accounts', [{ ...base, accountId: 'account-1' }], 'one of accountId and accountIdClaim'],
    ['no test', [{ ...base, conditions: [{ claim: 'a' }] }], 'conditions[0]'],
    ['two tests', [{ ...base, conditions: [{ claim: 'a', equals: 'a', glob: 'a' }] }], 'conditions[0]'],
    ['no values', [{ ...base, conditions: [{ claim: 'a', oneOf: [] }] }], 'conditions[0].oneOf'],
    ['no claim', [{ ...base, conditions: [{ equals: 'a' }] }], 'conditions[0].claim'],
    ['an empty account', [{ ...base, accountIdClaim: undefined, accountId: '' }], 'rules[0].accountId'],
    ['a number as account', [{ ...base, accountIdClaim: undefined, accountId: 42 }], 'rules[0].accountId'],
    ['a text as isFedramp', [{ ...base, isFedramp: 'no' }], 'rules[0].isFedramp'],
    ['conditions that are no list', [{ ...base, conditions: 'x' }], 'rules[0].conditions'],
    ['a condition that is none', [{ ...base, conditions: [null] }], 'conditions[0]'],
    ['a rule that is none', [null], 'rules[0]'],
    ['an empty glob', [{ ...base, conditions: [{ claim: 'a', glob: '' }] }], 'conditions[0].glob'],
    ['an object as value', [{ ...base, conditions: [{ claim: 'a', equals: {} }] }], 'conditions[0].equals'],
  ])('are refused at the start: %s', (_what, rules, message) => {
    expect(() => openRules(rules as never)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(message) }),
    );
  });
});

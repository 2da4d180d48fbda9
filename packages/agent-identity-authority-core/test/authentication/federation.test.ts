import { generateKeyPairSync } from 'node:crypto';
import { type FederationOptions, type FederationRule, federation } from 'agent-identity-authority-core';
import * as fc from 'fast-check';
import { SignJWT } from 'jose';
import { closedOrigin } from 'test-support';
import { oidcIssuer } from 'test-support/oidc';
import { describe, expect, it } from 'vitest';

const now = Date.parse('2026-04-23T00:00:00Z');
const clock = () => now;
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'RS256', use: 'sig' }] };

/** A token as the issuer would write it, signed by a key of ours. */
function tokenOf(claims: Record<string, unknown>, key = privateKey): Promise<string> {
  const exp = Math.floor(now / 1000) + 300;
  return new SignJWT({ exp, ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'key-1' }).sign(key);
}

const gitHub = 'https://token.actions.githubusercontent.com';
const base: FederationRule = {
  name: 'rule-1',
  issuer: 'https://login.example.com',
  audience: 'agents',
  jwks,
  accountIdClaim: 'org',
};
const claims = { iss: 'https://login.example.com', aud: 'agents', sub: 'user-1', org: 'account-1' };

function open(rules: readonly FederationRule[], options: Partial<FederationOptions> = {}) {
  const refusals: unknown[] = [];
  const federated = federation(
    { rules, onRefusal: (refusal) => refusals.push(refusal), ...options },
    { clock },
  );
  return { federated, refusals };
}

describe('a rule', () => {
  it('maps the claims to the account', async () => {
    const { federated } = open([{ ...base, planTypeClaim: ['nested', 'plan'], isFedramp: true }]);
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
    const { federated } = open([
      { ...rest, accountId: 'account-9', chatgptUserId: 'ci', planType: 'business' },
    ]);
    const forged = { ...claims, accountId: 'forged', 'fixed by the rule': { accountId: 'forged' } };
    expect(await federated.authenticate(await tokenOf(forged))).toMatchObject({
      accountId: 'account-9',
      chatgptUserId: 'ci',
      planType: 'business',
    });
  });

  it.each([
    [{ claim: 'role', equals: 'agent' }, { role: 'agent' }, true],
    [{ claim: 'role', equals: 'agent' }, { role: 'Agent' }, false],
    [{ claim: 'role', equals: 'agent' }, {}, false],
    [{ claim: 'role', equals: 'agent' }, { role: ['admin', 'agent'] }, true],
    [{ claim: 'role', equals: 'agent' }, { role: { agent: true } }, false],
    [{ claim: 'verified', equals: true }, { verified: true }, true],
    [{ claim: 'verified', equals: true }, { verified: 'true' }, false],
    [{ claim: 'level', equals: 3 }, { level: 3 }, true],
    [{ claim: 'role', oneOf: ['a', 'b'] }, { role: 'b' }, true],
    [{ claim: 'role', oneOf: ['a', 'b'] }, { role: 'ab' }, false],
    [
      { claim: ['kubernetes.io', 'namespace'], equals: 'agents' },
      { 'kubernetes.io': { namespace: 'agents' } },
      true,
    ],
    [{ claim: ['a', 'constructor', 'name'], equals: 'Object' }, { a: {} }, false],
    [{ claim: 'repository', glob: 'org/*' }, { repository: 'org/app' }, true],
    [{ claim: 'repository', glob: 'org/*' }, { repository: 'org/app/evil' }, false],
    [{ claim: 'repository', glob: 'org/*' }, { repository: 'evil-org/app' }, false],
    [
      { claim: 'sub', glob: 'repo:org/*:ref:refs/heads/main' },
      { sub: 'repo:org/app:ref:refs/heads/main' },
      true,
    ],
    [
      { claim: 'sub', glob: 'repo:org/*:ref:refs/heads/main' },
      { sub: 'repo:org/a:x:ref:refs/heads/main' },
      false,
    ],
    [{ claim: 'host', glob: 'a.example' }, { host: 'aXexample' }, false],
    [{ claim: 'host', glob: '*' }, { host: '' }, true],
    [{ claim: 'host', glob: '*' }, { host: 7 }, false],
  ])('with %j and the claims %j: %s', async (condition, added, fits) => {
    const { federated, refusals } = open([{ ...base, conditions: [condition] }]);
    const verdict = federated.authenticate(await tokenOf({ ...claims, ...added }));
    if (fits) expect(await verdict).toMatchObject({ accountId: 'account-1' });
    else {
      await expect(verdict).rejects.toMatchObject({ code: 'insufficient_scope' });
      expect(refusals).toMatchObject([
        { reason: 'role', message: expect.stringContaining('rule-1: claim ') },
      ]);
    }
  });

  it.each([
    ['another audience', { aud: 'others' }, 'audience'],
    ['no audience', { aud: undefined }, 'audience'],
    ['an old token', { exp: now / 1000 - 100 }, 'expired'],
    ['no account', { org: undefined }, 'claim'],
    ['a number as account', { org: 12 }, 'claim'],
  ])('refuses %s', async (_what, change, reason) => {
    const { federated, refusals } = open([base]);
    expect(await federated.authenticate(await tokenOf({ ...claims, ...change }))).toBeUndefined();
    expect(refusals).toMatchObject([{ reason }]);
  });

  it('refuses a token of another key, of another issuer, and what is no token', async () => {
    const { federated, refusals } = open([base]);
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
    const { issuer, token } = await oidcIssuer(clock);
    const { jwks: _, ...rest } = base;
    const { federated } = open([{ ...rest, issuer }]);
    expect(await federated.authenticate(await token())).toMatchObject({ accountId: 'account-1' });
    const closed = await closedOrigin();
    const down = open([{ ...rest, issuer: closed }]);
    const verdict = down.federated.authenticate(await tokenOf({ ...claims, iss: closed }));
    await expect(verdict).rejects.not.toMatchObject({ code: 'insufficient_scope' });
    expect(down.refusals).toEqual([]);
  });
});

it('a list is no audience in another claim', async () => {
  const { federated } = open([{ ...base, audienceClaim: 'client_id' }]);
  const audienceOf = async (client_id: unknown) =>
    (await federated.explain(await tokenOf({ ...claims, client_id }))).account?.accountId;
  expect(await audienceOf('agents')).toBe('account-1');
  expect(await audienceOf(['agents'])).toBeUndefined();
});

describe('a glob', () => {
  const word = fc.stringMatching(/^[\w.$^+()[\]{}|?\\-]{1,8}$/);
  const fits = async (glob: string, value: string) => {
    const { federated } = open([{ ...base, conditions: [{ claim: 'value', glob }] }]);
    return (await federated.explain(await tokenOf({ ...claims, value }))).account !== undefined;
  };

  it('matches itself, and no other text', async () => {
    await fc.assert(
      fc.asyncProperty(word, word, async (one, other) => {
        expect(await fits(one, one)).toBe(true);
        expect(await fits(one, other)).toBe(one === other);
      }),
      { numRuns: 100 },
    );
  });

  it('with many stars decides like a pattern, and at once on long claims', async () => {
    const letters = fc.stringMatching(/^[ab]{0,6}$/);
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[ab*]{1,6}$/), letters, async (glob, value) => {
        expect(await fits(glob, value)).toBe(new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(value));
      }),
      { numRuns: 300 },
    );
    // A pattern that tries all ways would take longer than the test may.
    expect(await fits(`${'*-'.repeat(20)}x`, '-'.repeat(10_000))).toBe(false);
  });

  it('has a star for one segment only', async () => {
    await fc.assert(
      fc.asyncProperty(word, word, fc.constantFrom('/', ':'), async (one, other, separator) => {
        expect(await fits(`${one}/*`, `${one}/${other}`)).toBe(true);
        expect(await fits(`${one}/*`, `${one}/${other}${separator}${other}`)).toBe(false);
        expect(await fits(`${one}/*`, `x${one}/${other}`)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});

describe('several rules', () => {
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
    const { federated } = open(rules);
    const accountOf = async (added: object) =>
      (await federated.authenticate(await tokenOf({ ...claims, ...added })))?.accountId;
    expect(await accountOf({ role: 'admin' })).toBe('account-admin');
    expect(await accountOf({ aud: 'agents-eu' })).toBe('account-1');
    expect(await accountOf({})).toBe('account-1');
  });

  it('explain a decision', async () => {
    const { federated } = open(rules);
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

describe('an issuer that anybody can get tokens of', () => {
  const rule = { ...base, issuer: gitHub };

  it.each([
    [[]],
    [[{ claim: 'ref', equals: 'refs/heads/main' }]],
    [[{ claim: 'repository', glob: '*' }]],
    [[{ claim: 'repository', glob: '*/app' }]],
    [[{ claim: 'repository', glob: 'example*' }]],
    [[{ claim: 'sub', glob: 'repo:*' }]],
    [[{ claim: 'sub', equals: 'environment:production' }]],
    [[{ claim: 'job_workflow_ref', glob: 'example-org/app/.github/workflows/*' }]],
    [[{ claim: 'sub', glob: 'repo:example*/app:*' }]],
    [[{ claim: ['nested', 'repository'], equals: 'example-org/app' }]],
  ])('needs a condition about the owner: %j is refused', (conditions) => {
    expect(() => open([{ ...rule, conditions }])).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message: expect.stringContaining('anybody') }),
    );
    expect(() => open([{ ...rule, issuer: `${gitHub}/`, conditions }])).toThrow('anybody');
  });

  it.each([
    [{ claim: 'repository_owner', equals: 'example-org' }],
    [{ claim: 'repository', glob: 'example-org/*' }],
    [{ claim: 'repository', oneOf: ['example-org/a', 'example-org/b'] }],
    [{ claim: 'repository_id', equals: '74' }],
  ])('takes %j', (condition) => {
    expect(() => open([{ ...rule, conditions: [condition] }])).not.toThrow();
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
    expect(() => open(rules as never)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(message) }),
    );
  });
});

/** Tokens as the documentation of each issuer shows them. */
const recipes: readonly {
  readonly name: string;
  readonly rule: Omit<FederationRule, 'name' | 'jwks'>;
  readonly claims: Record<string, unknown>;
  readonly account: { readonly accountId: string; readonly chatgptUserId: string };
  /** Of somebody else, by one claim. */
  readonly foreign: Record<string, unknown>;
}[] = [
  {
    name: 'GitHub Actions',
    rule: {
      issuer: gitHub,
      audience: 'https://agents.example.com',
      conditions: [
        { claim: 'repository_owner', equals: 'example-org' },
        { claim: 'ref', equals: 'refs/heads/main' },
      ],
      accountIdClaim: 'repository_owner_id',
      chatgptUserIdClaim: 'repository',
    },
    claims: {
      iss: gitHub,
      aud: 'https://agents.example.com',
      sub: 'repo:example-org/app:ref:refs/heads/main',
      repository: 'example-org/app',
      repository_owner: 'example-org',
      repository_owner_id: '65',
      ref: 'refs/heads/main',
      job_workflow_ref: 'example-org/app/.github/workflows/deploy.yml@refs/heads/main',
    },
    account: { accountId: '65', chatgptUserId: 'example-org/app' },
    foreign: { repository_owner: 'other-org' },
  },
  {
    name: 'GitLab',
    rule: {
      issuer: 'https://gitlab.com',
      audience: 'https://agents.example.com',
      conditions: [
        { claim: 'namespace_path', equals: 'example-group' },
        { claim: 'ref_protected', equals: 'true' },
      ],
      accountIdClaim: 'namespace_id',
      chatgptUserIdClaim: 'user_login',
      emailClaim: 'user_email',
    },
    claims: {
      iss: 'https://gitlab.com',
      aud: 'https://agents.example.com',
      sub: 'project_path:example-group/app:ref_type:branch:ref:main',
      namespace_id: '72',
      namespace_path: 'example-group',
      project_path: 'example-group/app',
      ref_protected: 'true',
      user_login: 'sample-user',
      user_email: 'sample-user@example.com',
    },
    account: { accountId: '72', chatgptUserId: 'sample-user' },
    foreign: { namespace_path: 'other-group' },
  },
  {
    name: 'Kubernetes service accounts',
    rule: {
      issuer: 'https://kubernetes.default.svc',
      audience: 'agents',
      conditions: [
        { claim: ['kubernetes.io', 'namespace'], equals: 'agents' },
        { claim: ['kubernetes.io', 'serviceaccount', 'name'], oneOf: ['coder', 'reviewer'] },
      ],
      accountId: 'cluster-1',
    },
    claims: {
      iss: 'https://kubernetes.default.svc',
      aud: ['agents'],
      sub: 'system:serviceaccount:agents:coder',
      'kubernetes.io': { namespace: 'agents', serviceaccount: { name: 'coder', uid: 'd6a4' } },
    },
    account: { accountId: 'cluster-1', chatgptUserId: 'system:serviceaccount:agents:coder' },
    foreign: { 'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'coder' } } },
  },
  {
    name: 'SPIFFE JWT-SVID',
    rule: {
      issuer: 'https://spire.example.org',
      audience: 'agents',
      conditions: [{ claim: 'sub', glob: 'spiffe://example.org/agents/*' }],
      accountId: 'example.org',
    },
    claims: { iss: 'https://spire.example.org', aud: ['agents'], sub: 'spiffe://example.org/agents/coder' },
    account: { accountId: 'example.org', chatgptUserId: 'spiffe://example.org/agents/coder' },
    foreign: { sub: 'spiffe://example.org/billing/agents/coder' },
  },
  {
    name: 'Okta',
    rule: {
      issuer: 'https://example.okta.com/oauth2/default',
      audience: 'api://agents',
      conditions: [{ claim: 'scp', equals: 'agents.register' }],
      accountId: 'example',
      chatgptUserIdClaim: 'uid',
      emailClaim: 'sub',
    },
    claims: {
      iss: 'https://example.okta.com/oauth2/default',
      aud: 'api://agents',
      sub: 'user@example.com',
      uid: '00uid4BxXw6I6TV4m0g3',
      cid: '0oa1gegd1Gt1YPlUR0g4',
      scp: ['openid', 'agents.register'],
    },
    account: { accountId: 'example', chatgptUserId: '00uid4BxXw6I6TV4m0g3' },
    foreign: { scp: ['openid'] },
  },
  {
    name: 'Auth0, whose issuer ends in a slash',
    rule: {
      issuer: 'https://example.eu.auth0.com',
      audience: 'https://agents.example.com',
      accountIdClaim: 'org_id',
    },
    claims: {
      iss: 'https://example.eu.auth0.com/',
      aud: ['https://agents.example.com', 'https://example.eu.auth0.com/userinfo'],
      sub: 'auth0|65f1',
      org_id: 'org_9ybsU1dN2dKfDkBi',
    },
    account: { accountId: 'org_9ybsU1dN2dKfDkBi', chatgptUserId: 'auth0|65f1' },
    foreign: { aud: 'https://other.example.com' },
  },
  {
    name: 'Entra ID, tokens of version 1',
    rule: {
      issuer: 'https://sts.windows.net/11111111-2222-3333-4444-555555555555/',
      audience: 'api://agents',
      accountIdClaim: 'tid',
      chatgptUserIdClaim: 'oid',
      emailClaim: 'upn',
    },
    claims: {
      iss: 'https://sts.windows.net/11111111-2222-3333-4444-555555555555/',
      aud: 'api://agents',
      tid: '11111111-2222-3333-4444-555555555555',
      oid: 'oid-1',
      upn: 'user@example.com',
      ver: '1.0',
    },
    account: { accountId: '11111111-2222-3333-4444-555555555555', chatgptUserId: 'oid-1' },
    foreign: { iss: 'https://sts.windows.net/99999999-2222-3333-4444-555555555555/' },
  },
  {
    name: 'Entra ID, tokens of version 2',
    rule: {
      issuer: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0',
      audience: '6e74172b-be56-4843-9ff4-e66a39bb12e3',
      conditions: [{ claim: 'roles', equals: 'Agents.Register' }],
      accountIdClaim: 'tid',
      chatgptUserIdClaim: 'oid',
    },
    claims: {
      iss: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0',
      aud: '6e74172b-be56-4843-9ff4-e66a39bb12e3',
      tid: '11111111-2222-3333-4444-555555555555',
      oid: 'oid-1',
      roles: ['Agents.Register'],
      ver: '2.0',
    },
    account: { accountId: '11111111-2222-3333-4444-555555555555', chatgptUserId: 'oid-1' },
    foreign: { roles: [] },
  },
  {
    name: 'Keycloak',
    rule: {
      issuer: 'https://login.example.com/realms/example',
      audience: 'agents',
      conditions: [{ claim: ['realm_access', 'roles'], equals: 'agent-owner' }],
      accountId: 'example',
      emailClaim: 'email',
    },
    claims: {
      iss: 'https://login.example.com/realms/example',
      aud: ['agents', 'account'],
      sub: 'f3b1',
      email: 'user@example.com',
      realm_access: { roles: ['offline_access', 'agent-owner'] },
    },
    account: { accountId: 'example', chatgptUserId: 'f3b1' },
    foreign: { realm_access: { roles: ['offline_access'] } },
  },
  {
    name: 'Amazon Cognito, whose access tokens have no aud',
    rule: {
      issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI',
      audience: '1example23456789',
      audienceClaim: 'client_id',
      conditions: [{ claim: 'token_use', equals: 'access' }],
      accountId: 'example',
    },
    claims: {
      iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI',
      sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      client_id: '1example23456789',
      token_use: 'access',
      scope: 'agents/register',
    },
    account: { accountId: 'example', chatgptUserId: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee' },
    foreign: { client_id: 'another-client' },
  },
];

describe.each(recipes)('the recipe for $name', ({ name, rule, claims: given, account, foreign }) => {
  const { federated } = open([{ ...rule, name, jwks }]);

  it('accepts its token', async () => {
    expect(await federated.authenticate(await tokenOf(given))).toMatchObject(account);
  });

  it('refuses a token of somebody else', async () => {
    const { account: refused } = await federated.explain(await tokenOf({ ...given, ...foreign }));
    expect(refused).toBeUndefined();
  });
});

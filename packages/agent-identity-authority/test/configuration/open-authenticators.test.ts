import { createHash } from 'node:crypto';
import { temporaryFile } from 'test-support';
import { oidcIssuer } from 'test-support/oidc';
import { describe, expect, it } from 'vitest';
import { configurationSchema } from '../../dist/configuration/configuration-schema.js';
import { openAuthenticators } from '../../dist/configuration/open-authenticators.js';

const now = Date.parse('2026-04-23T00:00:00Z');

const open = (settings: object, fetch?: typeof globalThis.fetch) =>
  openAuthenticators(configurationSchema.parse(settings), { clock: () => now, fetch });

const token = 'a-token-of-thirty-two-characters';

describe('openAuthenticators', () => {
  it('accepts nobody by default', async () => {
    const { authenticator, administrators, verifiers } = await open({});
    expect(authenticator.authenticate(token)).toBeUndefined();
    expect(administrators).toBeUndefined();
    expect(verifiers).toBeUndefined();
  });

  it('accepts a token of the environment, of a file, or of a file with several', async () => {
    const tokenFile = await temporaryFile(`${token}\n`);
    const tokensFile = await temporaryFile(
      `[[tokens]]\nname = "alice"\nrole = "administrator"\ntoken = "${token}"\n`,
    );
    for (const [settings, name] of [
      [{ token }, 'administrators'],
      [{ tokenFile }, 'administrators'],
      [{ tokensFile }, 'alice'],
    ] as const) {
      const { administrators } = await open({ administrators: settings });
      expect(administrators?.authenticate(token)).toEqual({ name, role: 'administrator' });
      expect(administrators?.authenticate('another')).toBeUndefined();
    }
  });

  it('gives each token of administrators its role and accounts; it may be in another file, or be a digest', async () => {
    const tokenFile = await temporaryFile(`${token}-in-a-file\n`);
    const digest = createHash('sha256').update(`${token}-as-digest`).digest('hex');
    const tokensFile = await temporaryFile(`[[tokens]]
name = "support"
role = "viewer"
accountIds = ["account-1", "account-2"]
tokenFile = "${tokenFile}"

[[tokens]]
name = "ci-bot"
role = "operator"
sha256 = "${digest}"
`);
    const { administrators } = await open({ administrators: { tokensFile } });
    expect(administrators?.authenticate(`${token}-in-a-file`)).toEqual({
      name: 'support',
      role: 'viewer',
      accountIds: ['account-1', 'account-2'],
    });
    expect(administrators?.authenticate(`${token}-as-digest`)).toEqual({ name: 'ci-bot', role: 'operator' });
  });

  it.each([
    ['no role', `token = "${token}"`],
    ['an unknown role', `role = "root"\ntoken = "${token}"`],
    ['no token', 'role = "viewer"'],
    ['two tokens', `role = "viewer"\ntoken = "${token}"\ntokenFile = "x"`],
    ['no accounts', `role = "viewer"\naccountIds = []\ntoken = "${token}"`],
    ['a missing file', 'role = "viewer"\ntokenFile = "/nowhere/token"'],
    ['a mistyped limit', `role = "viewer"\naccounts = ["account-1"]\ntoken = "${token}"`],
  ])('refuses a token of administrators with %s, without quoting it', async (_what, toml) => {
    const tokensFile = await temporaryFile(`[[tokens]]\nname = "alice"\n${toml}\n`);
    const opening = open({ administrators: { tokensFile } });
    await expect(opening).rejects.toMatchObject({
      code: expect.stringMatching(/^invalid_(?:configuration|argument)$/),
      message: expect.not.stringContaining(token),
    });
  });

  it('gives administrators of an OpenID provider the role of a claim, and limits them to accounts', async () => {
    const { issuer, token: tokenOf } = await oidcIssuer(() => now);
    const { administrators } = await open({
      administrators: {
        issuer,
        audience: ['agents'],
        requiredClaim: ['groups'],
        requiredValue: 'admins',
        viewerValue: 'staff',
        accountIdsClaim: ['accounts'],
      },
    });
    const authenticate = async (claims: object) => administrators?.authenticate(await tokenOf({ ...claims }));
    expect(await authenticate({ groups: ['staff'], accounts: ['account-1'] })).toEqual({
      name: 'user-1',
      role: 'viewer',
      accountIds: ['account-1'],
    });
    expect(await authenticate({ groups: ['staff', 'admins'], accounts: 'account-2' })).toMatchObject({
      role: 'administrator',
    });
    expect(await authenticate({ groups: ['admins'] })).toBeUndefined();
    await expect(authenticate({ groups: ['guests'], accounts: 'account-1' })).rejects.toMatchObject({
      code: 'insufficient_scope',
    });
  });

  it('accepts tokens of an OpenID provider', async () => {
    const { issuer, token: tokenOf } = await oidcIssuer(() => now);
    const provider = { issuer, audience: ['agents'] };
    const { authenticator, verifiers } = await open({
      agents: { ...provider, accountIdClaim: ['org'] },
      verifiers: { ...provider, requiredClaim: ['scope'], requiredValue: 'agents:verify' },
    });
    expect(await authenticator.authenticate(await tokenOf())).toMatchObject({ accountId: 'account-1' });
    await expect(verifiers?.authenticate(await tokenOf())).rejects.toMatchObject({
      code: 'insufficient_scope',
    });
    expect(await verifiers?.authenticate(await tokenOf({ scope: 'openid agents:verify' }))).toEqual({
      name: 'user-1',
    });
  });

  it('accepts a list of development tokens on loopback', async () => {
    const tokensFile = await temporaryFile(
      `[[tokens]]\ntoken = "${token}"\naccount = { accountId = "account-1", chatgptUserId = "user-1" }\n`,
    );
    const { authenticator } = await open({ agents: { tokensFile } });
    expect(authenticator.loopbackOnly).toBe(true);
    expect(authenticator.authenticate(token)).toEqual({
      accountId: 'account-1',
      chatgptUserId: 'user-1',
      planType: 'unknown',
      isFedramp: false,
    });
  });
});

describe('the credentials of runtime agent instances', () => {
  const none = { organizationId: undefined, projectId: undefined };
  const sha256 = createHash('sha256').update('sk-secret-key').digest('hex');

  it('can come from a file of digests', async () => {
    const digestsFile = await temporaryFile(`[[credentials]]
sha256 = "${sha256}"
actor = { kind = "platform", userId = "user-1", organizationId = "org-1" }`);
    const { actors } = await open({ platformApiKeys: { digestsFile } });
    expect(await actors.platformApiKey?.authenticate('sk-secret-key', none)).toEqual({
      kind: 'platform',
      userId: 'user-1',
      organizationId: 'org-1',
      projectId: null,
    });
    expect(await actors.platformApiKey?.authenticate('sk-other-key', none)).toBeUndefined();
    expect(actors.personalAccessToken).toBeUndefined();
  });

  it('can be asked at an endpoint, which gets the token of a file', async () => {
    const requests: (string | null)[] = [];
    const fetch = async (_url: unknown, init?: RequestInit) => {
      requests.push(new Headers(init?.headers).get('authorization'));
      return Response.json({ active: true, actor: { kind: 'chatgpt', user_id: 'u', account_id: 'a' } });
    };
    const introspectionTokenFile = await temporaryFile('token-of-the-authority\n');
    const introspectionUrl = 'https://keys.example/introspect';
    const { actors } = await open(
      { personalAccessTokens: { introspectionUrl, introspectionTokenFile } },
      fetch,
    );
    expect(await actors.personalAccessToken?.authenticate('at-1', none)).toEqual({
      kind: 'chatgpt',
      userId: 'u',
      accountId: 'a',
    });
    expect(requests).toEqual(['Bearer token-of-the-authority']);
  });

  it.each([
    [
      'a key instead of its digest',
      'sha256 = "sk-secret-key"\nactor = { kind = "chatgpt", userId = "u", accountId = "a" }',
    ],
    ['an actor without account', `sha256 = "${sha256}"\nactor = { kind = "chatgpt", userId = "u" }`],
    [
      'an unknown member',
      `sha256 = "${sha256}"\nactor = { kind = "chatgpt", userId = "u", accountId = "a", org = "o" }`,
    ],
  ])('are refused in a file with %s, without quoting it', async (_what, toml) => {
    const opening = open({
      platformApiKeys: { digestsFile: await temporaryFile(`[[credentials]]\n${toml}`) },
    });
    await expect(opening).rejects.toMatchObject({ code: 'invalid_configuration' });
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('sk-secret') });
  });
});

describe('contradictory settings', () => {
  it.each([
    ['two sources of agents', { agents: { tokensFile: 'x', issuer: 'https://a.example' } }],
    [
      'an issuer of agents without an audience',
      { agents: { issuer: 'https://a.example', accountIdClaim: ['org'] } },
    ],
    ['an issuer of agents without an account', { agents: { issuer: 'https://a.example', audience: ['a'] } }],
    ['two sources of administrators', { administrators: { token, issuer: 'https://a.example' } }],
    [
      'an issuer whose every user would be an administrator',
      { administrators: { issuer: 'https://a.example', audience: ['a'] } },
    ],
    [
      'two sources of API keys',
      { platformApiKeys: { digestsFile: 'x', introspectionUrl: 'https://a.example' } },
    ],
    ['a token without an endpoint', { personalAccessTokens: { introspectionTokenFile: 'x' } }],
    [
      'one value for two roles',
      {
        administrators: {
          ...{ issuer: 'https://a.example', audience: ['a'], requiredClaim: ['groups'] },
          ...{ requiredValue: 'staff', viewerValue: 'staff' },
        },
      },
    ],
    ['a missing file', { administrators: { tokenFile: '/nowhere/token' } }],
  ])('are refused: %s', async (_what, settings) => {
    await expect(open(settings)).rejects.toMatchObject({ code: 'invalid_configuration' });
  });

  it('are refused without quoting tokens', async () => {
    for (const toml of [
      '[[tokens]]\nname = "a"\ntoken = "hunter2"\n',
      '[[tokens]]\nname = 1\ntoken = "hunter2"\n',
      '[[tokens]]\ntoken = hunter2\n',
      'token = "hunter2"\n',
    ]) {
      const failure = open({ verifiers: { tokensFile: await temporaryFile(toml) } });
      await expect(failure).rejects.toMatchObject({ code: expect.stringMatching(/^invalid_/) });
      await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
    }
  });
});

import { lookUpPersonalAccessToken, memoryAuthStore, openChatgptAuth } from 'chatgpt-auth';
import { type Answer, loopbackServer, printedForms, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { jwt } from '../support/login.js';

const account = {
  email: null,
  chatgpt_user_id: 'user-1',
  chatgpt_account_id: 'account-1',
  chatgpt_plan_type: 'plan_of_next_year',
  chatgpt_account_is_fedramp: true,
};
const token = 'at-secret-token';

function whoami(answer: Answer = () => ({ body: account })) {
  return loopbackServer(answer);
}

function openToken(whoamiBaseUrl: string, forcedWorkspaceIds: readonly string[] = []) {
  const store = memoryAuthStore(JSON.stringify({ OPENAI_API_KEY: null, personal_access_token: token }));
  return openChatgptAuth({ store, whoamiBaseUrl, forcedWorkspaceIds });
}

describe('lookUpPersonalAccessToken', () => {
  it('calls whoami with the token and returns the account', async () => {
    const { origin, requests } = await whoami();
    expect(await lookUpPersonalAccessToken(token, { whoamiBaseUrl: `${origin}/authapi/` })).toEqual({
      accountId: 'account-1',
      chatgptUserId: 'user-1',
      email: undefined,
      planType: 'plan_of_next_year',
      isFedramp: true,
    });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      method: 'GET',
      path: '/authapi/v1/user-auth-credential/whoami',
      headers: { authorization: `Bearer ${token}` },
      body: '',
    });
  });

  it.each([
    [401, 'whoami_rejected', false],
    [403, 'whoami_failed', false],
    [404, 'whoami_failed', false],
    [302, 'whoami_failed', false],
    [429, 'whoami_failed', true],
    [500, 'whoami_failed', true],
    [503, 'whoami_failed', true],
  ])('turns status %i into %s', async (status, code, retryable) => {
    const { origin } = await whoami(() => ({
      status,
      headers: { location: 'https://elsewhere.example.test' },
      body: { echoed: token },
    }));
    const error = await thrownBy(() => lookUpPersonalAccessToken(token, { whoamiBaseUrl: origin }));
    expect(error).toMatchObject({ code, retryable });
    expect(printedForms(error)).not.toContain(token);
  });

  it.each([
    ['no JSON', 'hello'],
    ['no account', { ...account, chatgpt_account_id: undefined }],
    ['an account that cannot be a header', { ...account, chatgpt_account_id: 'a\r\nb' }],
    ['no FedRAMP flag', { ...account, chatgpt_account_is_fedramp: undefined }],
    ['an error', { error: 'no' }],
  ])('refuses a response with %s', async (_kind, body) => {
    const { origin } = await whoami(() => ({ body }));
    const error = await thrownBy(() => lookUpPersonalAccessToken(token, { whoamiBaseUrl: origin }));
    expect(error).toMatchObject({ code: 'whoami_failed', retryable: false });
  });

  it('identifies the client, by default and as given', async () => {
    const { origin, requests } = await whoami();
    await lookUpPersonalAccessToken(token, { whoamiBaseUrl: origin });
    const named = { userAgent: 'my_agent/1.2.3 (linux)', originator: 'my_agent' };
    await lookUpPersonalAccessToken(token, { whoamiBaseUrl: origin, ...named });
    expect(requests.map(({ headers }) => [headers['user-agent'], headers['originator']])).toEqual([
      [expect.stringMatching(/^agent-identity-ts\/\d/), 'agent-identity-ts'],
      ['my_agent/1.2.3 (linux)', 'my_agent'],
    ]);
  });

  it.each([
    ['a challenge', { 'cf-mitigated': 'challenge' }, '<html>'],
    ['country, region or territory', {}, { error: { code: 'unsupported_country_region_territory' } }],
  ])('describes a 403 as %s', async (words, headers, body) => {
    const { origin } = await whoami(() => ({ status: 403, headers, body }));
    const error = await thrownBy(() => lookUpPersonalAccessToken(token, { whoamiBaseUrl: origin }));
    expect(error.code).toBe('whoami_failed');
    expect(error.message).toContain(words.replace('a challenge', 'challenge'));
  });

  it('hides the error of an injected fetch', async () => {
    const fetch = () => Promise.reject(new Error(`failed: ${token}`));
    const error = await thrownBy(() => lookUpPersonalAccessToken(token, {}, { fetch }));
    expect(error).toMatchObject({ code: 'whoami_failed', retryable: true });
    expect(printedForms(error)).not.toContain(token);
  });

  it('sends nothing for a token that carries an agent key, or to a URL that is not safe', async () => {
    const fetch = () => Promise.reject(new Error('expected no request'));
    const look = (value: string, options = {}) =>
      thrownBy(() => lookUpPersonalAccessToken(value, options, { fetch }));
    expect((await look(jwt({ agent_private_key: 'x' }))).code).toBe('invalid_access_token');
    expect((await look('two words')).code).toBe('invalid_access_token');
    expect((await look(token, { whoamiBaseUrl: 'http://example.test' })).code).toBe('insecure_url');
    expect((await look(token, { whoamiBaseUrl: 'https://example.test?a' })).code).toBe('invalid_base_url');
    expect((await look(token, { whoamiBaseURL: 'https://example.test' })).message).toContain(
      'did you mean "whoamiBaseUrl"?',
    );
  });
});

describe('bearerHeaders of a personal access token', () => {
  it('contain the account and FedRAMP flag of one lookup for all callers', async () => {
    const { origin, requests } = await whoami();
    const auth = await openToken(origin);
    expect(auth.account).toBeUndefined();
    expect(requests).toHaveLength(0);
    const headers = await Promise.all([auth.bearerHeaders(), auth.bearerHeaders()]);
    headers.push(await auth.bearerHeaders());
    for (const one of headers) {
      expect(one).toEqual({
        Authorization: `Bearer ${token}`,
        'ChatGPT-Account-ID': 'account-1',
        'X-OpenAI-Fedramp': 'true',
      });
    }
    expect(requests).toHaveLength(1);
    expect(auth.account).toMatchObject({ accountId: 'account-1', chatgptUserId: 'user-1' });
  });

  it('enforce the forced workspace', async () => {
    const { origin } = await whoami();
    expect(await (await openToken(origin, ['account-1'])).bearerHeaders()).toMatchObject({
      'ChatGPT-Account-ID': 'account-1',
    });
    const auth = await openToken(origin, ['account-2']);
    expect((await thrownBy(() => auth.bearerHeaders())).code).toBe('workspace_not_allowed');
  });

  it('are looked up again after a failure', async () => {
    let count = 0;
    const { origin } = await whoami(() => {
      count += 1;
      return count === 1 ? { status: 503 } : { body: account };
    });
    const auth = await openToken(origin);
    expect((await thrownBy(() => auth.bearerHeaders())).code).toBe('whoami_failed');
    expect(await auth.bearerHeaders()).toMatchObject({ 'ChatGPT-Account-ID': 'account-1' });
  });
});

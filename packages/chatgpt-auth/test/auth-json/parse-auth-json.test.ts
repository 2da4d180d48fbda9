import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { parseAuthJson } from 'chatgpt-auth';
import { describe, expect, test } from 'vitest';
import { chatgptAuthJson, jwt, storedRecord } from '../support/login.js';
import { thrownBy } from '../support/thrown-by.js';

const sample = (name: string) =>
  readFile(new URL(`../../../../tests/samples/${name}`, import.meta.url), 'utf8');

describe('files that the published client wrote', () => {
  test('a ChatGPT login', async () => {
    const credentials = parseAuthJson(await sample('auth.chatgpt.json'));
    expect(credentials).toMatchObject({
      kind: 'chatgpt',
      claims: {
        chatgptUserId: 'user-harness-1',
        accountId: 'acct-harness-1',
        email: 'agent@example.test',
        planType: 'business',
        isFedramp: false,
      },
    });
    expect(credentials.kind === 'chatgpt' && credentials.tokens()).toMatchObject({
      accountId: 'acct-harness-1',
      refreshToken: 'rt-harness',
      lastRefresh: Date.parse('2026-11-22T07:37:11.642Z'),
    });
    expect(credentials.kind === 'chatgpt' && credentials.storedRecord()).toBeUndefined();
  });

  test('the same after an opt-in', async () => {
    const credentials = parseAuthJson(await sample('auth.chatgpt-after-opt-in.json'));
    expect(credentials.kind === 'chatgpt' && credentials.storedRecord()).toMatchObject({
      agent_runtime_id: 'agent-rt-76255e99-4abe-40f0-92ad-db2ea6b6418e',
      task_id: 'task-3c228047-1f16-4497-846c-aea77283cab7',
    });
  });
});

describe('the kind of credentials', () => {
  test.each([
    ['none', {}],
    ['none', { OPENAI_API_KEY: null }],
    ['apiKey', { OPENAI_API_KEY: 'sk-1' }],
    ['apiKey', { auth_mode: 'apikey', OPENAI_API_KEY: 'sk-1' }],
    ['agentIdentityJwt', { auth_mode: 'agentIdentity', agent_identity: jwt({}) }],
    ['agentIdentityRecord', { auth_mode: 'agentIdentity', agent_identity: storedRecord() }],
    ['agentIdentityRecord', { auth_mode: 'agent_identity', agent_identity: storedRecord() }],
    ['personalAccessToken', { personal_access_token: 'at-1', bedrock_api_key: {}, OPENAI_API_KEY: 'sk-1' }],
    ['other', { bedrock_api_key: { api_key: 'x' }, OPENAI_API_KEY: 'sk-1' }],
    ['personalAccessToken', { auth_mode: 'personalAccessToken', personal_access_token: 'at-1' }],
    ['other', { auth_mode: 'headers' }],
    ['other', { auth_mode: 'bedrockApiKey' }],
    ['other', { auth_mode: 'of tomorrow' }],
  ])('%s', (kind, document) => {
    expect(parseAuthJson(JSON.stringify(document)).kind).toBe(kind);
  });

  test('a ChatGPT login is told from tokens that somebody else supplies', () => {
    const external = chatgptAuthJson({}, { auth_mode: 'chatgptAuthTokens' });
    expect(parseAuthJson(external).kind).toBe('externalChatgpt');
  });

  test('without auth_mode an API key wins, else ChatGPT tokens count', () => {
    const tokensOnly = chatgptAuthJson({}, { auth_mode: undefined });
    const both = chatgptAuthJson({}, { auth_mode: undefined, OPENAI_API_KEY: 'sk-1' });
    expect(parseAuthJson(tokensOnly).kind).toBe('chatgpt');
    expect(parseAuthJson(both).kind).toBe('apiKey');
  });

  test('a JWT beside a ChatGPT login is not taken for a record of the opt-in', () => {
    const credentials = parseAuthJson(chatgptAuthJson({}, { agent_identity: jwt({}) }));
    expect(credentials.kind === 'chatgpt' && credentials.storedRecord()).toBeUndefined();
  });

  test('a record without an e-mail or with a null task counts as having none', () => {
    const identity = { ...storedRecord(), email: null, task_id: null };
    const credentials = parseAuthJson(
      JSON.stringify({ auth_mode: 'agentIdentity', agent_identity: identity }),
    );
    const record = credentials.kind === 'agentIdentityRecord' ? credentials.record() : undefined;
    expect(record?.email).toBe('');
    expect(record?.task_id).toBeUndefined();
  });
});

describe('a document that cannot be read', () => {
  const login = chatgptAuthJson();
  test.each([
    ['nothing', ''],
    ['half of a document', login.slice(0, 200)],
    ['a byte order mark', `\uFEFF${login}`],
    ['a comment', `${login}// logged in`],
    ['an array', '[]'],
    ['text', '"auth"'],
    ['a number as the key', '{"OPENAI_API_KEY": 1}'],
    ['tokens without an access token', '{"tokens": {"id_token": "a.e30.c", "refresh_token": "r"}}'],
    ['an id token that is no JWT', login.replace(/"id_token": ".*?"/, '"id_token": "opaque"')],
    ['an access token that no header can hold', login.replace(/"access_token": "/, '$&\\n')],
    ['an account id that no header can hold', login.replace(/"account_id": "/, '$&\\u00e9')],
    ['a date that is none', login.replace(/"last_refresh": ".*?"/, '"last_refresh": "yesterday"')],
    [
      'two tasks in the identity',
      chatgptAuthJson({}, { agent_identity: storedRecord() }).replace(
        '"task_id"',
        '"task_id": "other", "task_id"',
      ),
    ],
    ['a number as the identity', chatgptAuthJson({}, { agent_identity: 1 })],
    ['a record without a key', chatgptAuthJson({}, { agent_identity: { agent_runtime_id: 'a' } })],
    ['a member twice', login.replace('{', '{"auth_mode": "apikey",')],
    ['a token twice', login.replace('"id_token"', '"refresh_token": "other", "id_token"')],
    ['ChatGPT without tokens', '{"auth_mode": "chatgpt"}'],
    ['an API key mode without a key', '{"auth_mode": "apikey"}'],
    ['an agent identity without one', '{"auth_mode": "agentIdentity"}'],
    ['deep nesting', `{"x": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('%s', async (_kind, text) => {
    const error = await thrownBy(() => parseAuthJson(text));
    expect(error.code).toBe('unreadable_auth_file');
    expect(error.retryable).toBe(false);
  });

  test('no secret is in the error', async () => {
    const text = `{"OPENAI_API_KEY": {"sk-secret-1": "sk-secret-2"}, "tokens": "sk-secret-3"}`;
    const error = await thrownBy(() => parseAuthJson(text));
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('sk-secret');
  });
});

test('credentials print without a secret', () => {
  const text = chatgptAuthJson({ refreshToken: 'refresh-secret' }, { agent_identity: storedRecord() });
  const credentials = parseAuthJson(text);
  const printed = `${inspect(credentials, { depth: 9, showHidden: true })}${JSON.stringify(credentials)}`;
  expect(printed).not.toContain('refresh-secret');
  expect(printed).not.toContain(storedRecord().agent_private_key);
  expect(printed).not.toContain('eyJ');
});

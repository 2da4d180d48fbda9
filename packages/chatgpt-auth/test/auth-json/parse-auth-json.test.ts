import { readFile } from 'node:fs/promises';
import { parseAuthJson } from 'chatgpt-auth';
import { printedForms, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { chatgptAuthJson, jwt, storedRecord } from '../support/login.js';

const readSample = (name: string) =>
  readFile(new URL(`../../../../tests/samples/${name}`, import.meta.url), 'utf8');

const parse = (document: object) => parseAuthJson(JSON.stringify(document));
const messageFor = (text: string) => thrownBy(() => parseAuthJson(text)).message;

const agentJwt = jwt({ account_id: 'acct-1', agent_private_key: storedRecord().agent_private_key });

describe('a file of the published client', () => {
  it('with a ChatGPT login has claims and tokens', async () => {
    const credentials = parseAuthJson(await readSample('auth.chatgpt.json'));
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

  it('after an opt-in has the stored record', async () => {
    const credentials = parseAuthJson(await readSample('auth.chatgpt-after-opt-in.json'));
    expect(credentials.kind === 'chatgpt' && credentials.storedRecord()).toMatchObject({
      agent_runtime_id: 'agent-rt-76255e99-4abe-40f0-92ad-db2ea6b6418e',
      task_id: 'task-3c228047-1f16-4497-846c-aea77283cab7',
    });
    const record = credentials.kind === 'chatgpt' ? credentials.storedRecord() : undefined;
    expect(Object.keys(record ?? {})).toEqual(Object.keys(storedRecord()));
  });
});

describe('the kind of credentials', () => {
  it.each([
    ['none', {}],
    ['none', { OPENAI_API_KEY: null }],
    ['apiKey', { auth_mode: 'apikey', OPENAI_API_KEY: 'sk-1' }],
    ['agentIdentityJwt', { auth_mode: 'agentIdentity', agent_identity: jwt({}) }],
    ['agentIdentityRecord', { auth_mode: 'agentIdentity', agent_identity: storedRecord() }],
    ['agentIdentityRecord', { auth_mode: 'agent_identity', agent_identity: storedRecord() }],
    ['personalAccessToken', { auth_mode: 'personalAccessToken', personal_access_token: 'at-1' }],
    ['externalChatgpt', JSON.parse(chatgptAuthJson({}, { auth_mode: 'chatgptAuthTokens' }))],
    ['other', { auth_mode: 'headers' }],
    ['other', { auth_mode: 'bedrockApiKey' }],
    ['other', { auth_mode: 'of tomorrow' }],
  ])('is %s for %j', (kind, document) => {
    expect(parse(document).kind).toBe(kind);
  });

  it('is inferred without auth_mode: token, Bedrock, API key, ChatGPT tokens, agent identity, in this order', () => {
    const all: Record<string, unknown> = {
      personal_access_token: 'at-1',
      bedrock_api_key: { key: 'b' },
      OPENAI_API_KEY: 'sk-1',
      tokens: JSON.parse(chatgptAuthJson()).tokens,
      agent_identity: storedRecord(),
    };
    const kinds = Object.keys(all).map((name) => {
      const { kind } = parse(all);
      delete all[name];
      return kind;
    });
    expect(kinds).toEqual(['personalAccessToken', 'other', 'apiKey', 'chatgpt', 'agentIdentityRecord']);
    expect(parse({ agent_identity: agentJwt, auth_mode: null, tokens: null }).kind).toBe('agentIdentityJwt');
  });
});

describe('an agent identity', () => {
  it('as a JWT is read without the newline of its file', () => {
    for (const lineEnd of ['\n', '\r\n', ' \n\n']) {
      const credentials = parse({ agent_identity: `${agentJwt}${lineEnd}` });
      expect(credentials.kind === 'agentIdentityJwt' && credentials.jwt()).toBe(agentJwt);
    }
  });

  it('as a JWT beside a ChatGPT login is not treated as the record of an opt-in', () => {
    const credentials = parseAuthJson(chatgptAuthJson({}, { agent_identity: jwt({}) }));
    expect(credentials.kind === 'chatgpt' && credentials.storedRecord()).toBeUndefined();
  });

  it('may have an email and a task of null, or neither', () => {
    const { email: _email, task_id: _task, ...bare } = storedRecord();
    for (const identity of [{ ...bare, email: null, task_id: null }, bare]) {
      const credentials = parse({ auth_mode: 'agentIdentity', agent_identity: identity });
      const record = credentials.kind === 'agentIdentityRecord' ? credentials.record() : undefined;
      expect(record?.email).toBe('');
      expect(record?.task_id).toBeUndefined();
    }
  });

  it.each(['promax', 'ent26', 'edu_plus', 'Plan Of Next Year'])('keeps the plan %s unchanged', (plan) => {
    const credentials = parse({ agent_identity: storedRecord({ plan_type: plan }) });
    expect(credentials.kind === 'agentIdentityRecord' && credentials.record().plan_type).toBe(plan);
  });

  const record = storedRecord();
  it.each<[string, string]>([
    ['a flat record', JSON.stringify(record)],
    ['a record under another name', JSON.stringify({ agentIdentity: record })],
    ['a record that is nested deeper', JSON.stringify({ auth: { identity: [record] } })],
    ['a record in the tokens of nobody', JSON.stringify({ tokens: null, more: { agent_identity: record } })],
    ['a record as text', JSON.stringify({ identity: JSON.stringify(record) })],
    [
      'a record in camel case',
      JSON.stringify({ agentRuntimeId: 'a', agentPrivateKey: record.agent_private_key }),
    ],
    ['a JWT under another name', JSON.stringify({ jwt: agentJwt })],
    ['a JWT in an array', JSON.stringify({ tokens: null, all: [agentJwt] })],
    [
      'a base64 of a record',
      JSON.stringify({ identity: Buffer.from(JSON.stringify(record)).toString('base64') }),
    ],
    ['a JWT and nothing else', agentJwt],
    ['a JWT with a final newline', `${agentJwt}\r\n`],
    ['a JWT as JSON text', JSON.stringify(agentJwt)],
    ['an array of records', JSON.stringify([record])],
    ['a record and an empty key', JSON.stringify({ ...record, OPENAI_API_KEY: '' })],
    ['a login mode without its tokens', JSON.stringify({ auth_mode: 'chatgpt', agent_identity: record })],
  ])('in another place (%s) is an error that says where it belongs', (_kind, text) => {
    const error = thrownBy(() => parseAuthJson(text));
    expect(error.code).toBe('unreadable_auth_file');
    expect(error.message).toMatch(/agent_identity|agentIdentity/);
    expect(printedForms(error)).not.toContain(record.agent_private_key);
  });

  it('in another place is reported with that place', () => {
    expect(messageFor(JSON.stringify({ auth: { identity: [record] } }))).toContain('auth.identity.0');
    expect(messageFor(JSON.stringify({ jwt: agentJwt }))).toContain('jwt');
    expect(messageFor(JSON.stringify(record))).toContain('agent_runtime_id');
  });
});

describe('a schema error', () => {
  const { plan_type: _plan, ...withoutPlan } = storedRecord();
  const login = chatgptAuthJson();
  it.each<[string, string]>([
    [
      'agent_identity.plan_type: expected a string, got nothing',
      JSON.stringify({ agent_identity: withoutPlan }),
    ],
    [
      'agent_identity.plan_type: expected a string, got null',
      JSON.stringify({ agent_identity: storedRecord({ plan_type: null as never }) }),
    ],
    [
      'agent_identity.chatgpt_account_is_fedramp: expected a boolean, got a string of 4 characters',
      chatgptAuthJson({}, { agent_identity: storedRecord({ chatgpt_account_is_fedramp: 'true' as never }) }),
    ],
    ['agent_identity: expected a JWT or a record, got a number', chatgptAuthJson({}, { agent_identity: 1 })],
    [
      'agent_identity: expected a JWT or a record, got a string of 6 characters that is not a JWT',
      '{"agent_identity": "opaque"}',
    ],
    ['OPENAI_API_KEY: expected a string, got a number', '{"OPENAI_API_KEY": 1}'],
    [
      'OPENAI_API_KEY: expected visible ASCII characters without spaces, got a string of 5 characters that ends with a line end (LF)',
      '{"OPENAI_API_KEY": "sk-1\\n"}',
    ],
    [
      'OPENAI_API_KEY: expected visible ASCII characters without spaces, got a string of 5 characters that begins with a byte order mark (BOM)',
      '{"OPENAI_API_KEY": "\\ufeffsk-1"}',
    ],
    [
      'personal_access_token: expected visible ASCII characters without spaces, got a string of 6 characters that ends with a line end (CRLF)',
      '{"personal_access_token": "at-1\\r\\n"}',
    ],
    [
      `tokens.access_token: expected visible ASCII characters without spaces, got a string of ${JSON.parse(login).tokens.access_token.length + 2} characters with a line end inside`,
      login.replace(/"access_token": "/, '$&a\\n'),
    ],
    ['tokens.refresh_token: expected a string, got nothing', login.replace('refresh_token', 'renew_token')],
    [
      'tokens.id_token: expected a JWT, got a string of 6 characters',
      login.replace(/"id_token": ".*?"/, '"id_token": "opaque"'),
    ],
    [
      'last_refresh: expected an RFC 3339 time, got a string of 9 characters',
      login.replace(/"last_refresh": ".*?"/, '"last_refresh": "yesterday"'),
    ],
    ['tokens: expected an object, got a string of 3 characters', '{"tokens": "abc"}'],
    ['expected a JSON object, got an array', '[]'],
    ['expected a JSON object, got a string of 4 characters', '"auth"'],
    ['it is empty', ''],
    ['it is empty', '\n'],
    ['it begins with a byte order mark (BOM); save it as UTF-8 without one', `\uFEFF${login}`],
    ['expected JSON, got a string of 200 characters with a line end inside', login.slice(0, 200)],
  ])('says %j', (expected, text) => {
    const error = thrownBy(() => parseAuthJson(text));
    expect(error.code).toBe('unreadable_auth_file');
    expect(error.message).toBe(`auth.json: ${expected}; it was not changed`);
  });

  it('names the file that it is given', () => {
    const error = thrownBy(() => parseAuthJson('', { location: '/home/someone/.codex/auth.json' }));
    expect(error.message).toMatch(/^\/home\/someone\/\.codex\/auth\.json: /);
  });

  it('is not caused by CRLF and final newlines between the members', () => {
    expect(parseAuthJson(`${login.replaceAll('\n', '\r\n')}\r\n`).kind).toBe('chatgpt');
  });
});

describe('a document that cannot be read', () => {
  const login = chatgptAuthJson();
  it.each([
    ['a comment', `${login}// logged in`],
    ['tokens without an access token', '{"tokens": {"id_token": "a.e30.c", "refresh_token": "r"}}'],
    ['an account id that no header can hold', login.replace(/"account_id": "/, '$&\\u00e9')],
    [
      'two tasks in the identity',
      chatgptAuthJson({}, { agent_identity: storedRecord() }).replace(
        '"task_id"',
        '"task_id": "other", "task_id"',
      ),
    ],
    [
      'two keys in the identity',
      chatgptAuthJson({}, { agent_identity: storedRecord() }).replace(
        '"agent_private_key"',
        '"agent_private_key": "other", "agent_private_key"',
      ),
    ],
    ['a member twice', login.replace('{', '{"auth_mode": "apikey",')],
    ['a token twice', login.replace('"id_token"', '"refresh_token": "other", "id_token"')],
    ['ChatGPT without tokens', '{"auth_mode": "chatgpt"}'],
    ['an API key mode without a key', '{"auth_mode": "apikey"}'],
    ['an agent identity mode without one', '{"auth_mode": "agentIdentity"}'],
    ['deep nesting', `{"x": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('is one with %s', (_kind, text) => {
    expect(thrownBy(() => parseAuthJson(text))).toMatchObject({
      code: 'unreadable_auth_file',
      retryable: false,
    });
  });

  it('leaves no secret in the error', () => {
    const text = `{"OPENAI_API_KEY": {"sk-secret-1": "sk-secret-2"}, "tokens": "sk-secret-3"}`;
    expect(printedForms(thrownBy(() => parseAuthJson(text)))).not.toContain('sk-secret');
  });
});

it('credentials print without a secret', () => {
  const text = chatgptAuthJson({ refreshToken: 'refresh-secret' }, { agent_identity: storedRecord() });
  const printed = printedForms(parseAuthJson(text));
  expect(printed).not.toContain('refresh-secret');
  expect(printed).not.toContain(storedRecord().agent_private_key);
  expect(printed).not.toContain('eyJ');
});

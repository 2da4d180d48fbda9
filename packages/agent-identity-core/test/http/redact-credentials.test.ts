import { generateAgentKey } from 'agent-identity-core';
import { redactCredentials } from 'agent-identity-core/http';
import { fixedAgent } from 'test-support';
import { describe, expect, it } from 'vitest';
import { pkcs8Version2 } from '../support/fixed-agent.js';

const { assertionHeader, pkcs8 } = fixedAgent;

const jwt = `${[{ alg: 'RS256', kid: 'k1' }, { sub: 'someone' }]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .join('.')}.c2lnbmF0dXJl`;
const token = assertionHeader.slice('AgentAssertion '.length);

describe('redactCredentials redacts', () => {
  it.each<[string, string]>([
    ['a JWT', jwt],
    ['a JWT without signature', jwt.slice(0, jwt.lastIndexOf('.'))],
    ['an unsecured JWT', `${jwt.slice(0, jwt.lastIndexOf('.'))}.`],
    ['an assertion header', assertionHeader],
    ['an assertion header in lower case', assertionHeader.replace('AgentAssertion', 'agentassertion')],
    ['an assertion without its scheme', token],
    ['a bearer token', 'Bearer opaque-token_1.2~3+4/5=='],
    ['a bearer token in lower case', 'bearer opaque-token'],
    ['basic credentials', 'Basic dXNlcjpodW50ZXIy'],
    ['an agent key in version 1', pkcs8],
    ['an agent key in version 2', pkcs8Version2],
    ['an API key', 'sk-proj-abcdefgh12345678'],
    ['a session key', 'sess-abcdefgh12345678'],
  ])('%s in any position', (_form, secret) => {
    for (const [before, after] of [
      ['', ''],
      ['it was ', ' today'],
      ['{"detail":"', '"}'],
      ['(', ')'],
      ['value=', '&next=1'],
      ['\n', '\n'],
    ] as const) {
      const clean = redactCredentials(`${before}${secret}${after}`);
      expect(clean).toContain('[redacted]');
      for (const part of [secret, secret.slice(-8), secret.split(/[ .]/).at(-1) as string].filter(Boolean)) {
        expect(clean).not.toContain(part);
      }
    }
  });

  it.each([
    'token',
    'access_token',
    'refresh_token',
    'id_token',
    'accessToken',
    'client_secret',
    'password',
    'api_key',
    'apikey',
    'x-api-key',
    'agent_private_key',
    'privateKey',
    'signature',
    'Authorization',
    'Cookie',
    'set-cookie',
  ])('the value of a member called %s, in JSON, a form or a header', (name) => {
    for (const text of [
      `{"a":1,"${name}":"hunter2 and \\"more\\"","b":2}`,
      `{"${name}" : "hunter2"}`,
      `{"${name}":"hunter2`,
      `{\n  "${name}": "hunter2"\n}`,
      `a=1&${name}=hunter2&b=2`,
      `${name}: hunter2`,
    ]) {
      const clean = redactCredentials(text);
      expect(clean).not.toContain('hunter2');
      expect(clean).not.toContain('more');
      expect(clean).toContain(name);
      if (text.includes('b=2')) expect(clean).toContain('&b=2');
      if (text.includes('"b":2')) expect(clean).toContain('"b":2');
    }
  });

  it.each([
    'Authorization: Digest username="bob", response="hunter2"',
    'authorization: AWS4-HMAC-SHA256 Credential=x/y, Signature=hunter2',
    'Cookie: a="1"; b=hunter2; c=3',
    'Set-Cookie: a=1; b="hunter2"',
  ])('the whole value of a header, to the end of its line: %s', (header) => {
    const [name] = header.split(':');
    expect(redactCredentials(`${header}\nDate: today`)).toBe(`${name}: [redacted]\nDate: today`);
  });

  it.each([
    `x-openai-agent-assertion: 1.${jwt}`,
    `X-OpenAI-Agent-Assertion: 1.${jwt}, 1.${jwt}`,
    `AgentAssertion 1.${jwt}`,
    `1.${jwt}`,
    `{"x-openai-agent-assertion":"1.${jwt}"}`,
    'x-openai-agent-assertion: opaque value',
  ])('an instance assertion, whole: %s', (text) => {
    const clean = redactCredentials(text);
    expect(clean).not.toMatch(/eyJ|c2ln|1\.|opaque|value/);
    expect(clean).toMatch(/^[^[]*\[redacted\]["}]*$/);
  });

  it.each([
    'password: swordfish',
    'password=swordfish is wrong',
    '"password": "swordfish is wrong"',
    'token: Abc123 is wrong',
    'token: aBcDeFgH is wrong',
    'token: abcdefghijklmnopqrst is wrong',
    'Bearer abcdefgh',
    'Bearer Abc123 is wrong',
    'Bearer abcdefghijklmnopqrst is wrong',
    'Authorization: Custom abcdefgh',
    'Authorization: Custom aBcDeFgH is wrong',
    'Cookie: swordfish',
  ])('what may be a secret although it is made of letters: %s', (text) => {
    expect(redactCredentials(text)).toContain('[redacted]');
    expect(redactCredentials(text)).not.toMatch(/swordfish|abcdefgh|Abc123/i);
  });

  it('a URL-escaped key', () => {
    const escaped = encodeURIComponent(`${pkcs8.slice(0, 40)}/+/+${pkcs8.slice(44)}`);
    expect(redactCredentials(`k=${escaped}&b=2`)).toBe('k=[redacted]&b=2');
  });

  it('a key with the escaped slashes that some JSON writers produce', () => {
    const key = `${pkcs8.slice(0, 30)}\\/${pkcs8.slice(32)}`;
    expect(redactCredentials(`{"k":"${key}"}`)).toBe('{"k":"[redacted]"}');
  });

  it('every agent key', () => {
    for (let i = 0; i < 50; i += 1) {
      expect(redactCredentials(`x ${generateAgentKey().toPkcs8Base64()} y`)).toBe('x [redacted] y');
    }
  });

  it('all of several credentials', () => {
    const clean = redactCredentials(`${jwt} and ${assertionHeader} and ${pkcs8}`);
    expect(clean).toBe('[redacted] and AgentAssertion [redacted] and [redacted]');
  });
});

describe('redactCredentials leaves', () => {
  it.each([
    '',
    'The task has expired.',
    '{"error":{"code":"invalid_task_id","message":"no such task","type":"invalid_request_error"}}',
    '{"error":{"code":"task_expired"}}',
    '<html><body><h1>502 Bad Gateway</h1></body></html>',
    'expected a token of 12 characters',
    'risk-based checks failed',
    'invalid_access_token: A valid access token is required.',
    'invalid_signature: the signature is not by this key',
    'accessToken: expected visible ASCII characters without spaces',
    'A Bearer token is required',
    'expected the scheme Bearer, got another',
    'Bearer authentication is not supported',
    'use a bearer token.',
    'Basic knowledge of the scheme',
    'The AgentAssertion header is missing',
    'Authorization: expected the scheme AgentAssertion, got another',
    'authorization: a header is required',
    'cookie: none was sent by the client',
    'token: must not be empty',
  ])('text without credentials as it is: %j', (text) => {
    expect(redactCredentials(text)).toBe(text);
  });
});

describe('redactCredentials takes time linear in the text', () => {
  // A pattern that retries a run of characters from each position takes seconds for 64 KiB of these inputs. Linear
  // patterns take milliseconds, so the time limit of the test runner is the check.
  it.each([
    'eyJaaaa-',
    'a-',
    'token',
    'token-',
    '"token" ',
    'Bearer ',
    ' ',
    'MC4CAQAw',
    'sk-',
    'a',
    '"',
    '\\',
    '"secret":"\\',
  ])('for a long repetition of %j', (part) => {
    expect(typeof redactCredentials(part.repeat((1 << 18) / part.length))).toBe('string');
  });
});

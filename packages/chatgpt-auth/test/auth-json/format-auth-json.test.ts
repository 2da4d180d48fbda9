import { readFile } from 'node:fs/promises';
import { formatAuthJson, parseAuthJson } from 'chatgpt-auth';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../support/code-of.js';
import { jwt, storedRecord } from '../support/login.js';

describe('formatAuthJson', () => {
  it('writes a JWT that parseAuthJson reads back unchanged', () => {
    const token = jwt({ account_id: 'acct-1' });
    const text = formatAuthJson(token);
    const credentials = parseAuthJson(text);
    expect(credentials.kind === 'agentIdentityJwt' && credentials.jwt()).toBe(token);
    expect(formatAuthJson(token)).toBe(text);
  });

  it.each([storedRecord(), storedRecord({ task_id: undefined }), storedRecord({ email: '' })])(
    'writes a record that parseAuthJson reads back unchanged',
    (record) => {
      const text = formatAuthJson(record);
      const credentials = parseAuthJson(text);
      if (credentials.kind !== 'agentIdentityRecord') throw new Error(`got ${credentials.kind}`);
      expect(formatAuthJson(credentials.record())).toBe(text);
      expect(JSON.parse(text).agent_identity).toEqual(JSON.parse(JSON.stringify(record)));
    },
  );

  it('writes the record of an opt-in for another machine', async () => {
    const url = new URL('../../../../tests/samples/auth.chatgpt-after-opt-in.json', import.meta.url);
    const optIn = await readFile(url, 'utf8');
    const credentials = parseAuthJson(optIn);
    const record = credentials.kind === 'chatgpt' ? credentials.storedRecord() : undefined;
    if (record === undefined) throw new Error('expected a stored record');
    expect(formatAuthJson(record)).toBe(
      JSON.stringify(
        {
          auth_mode: 'agentIdentity',
          OPENAI_API_KEY: null,
          agent_identity: JSON.parse(optIn).agent_identity,
        },
        null,
        2,
      ),
    );
  });
});

it.each([undefined, 'opaque', 7, {}, { ...storedRecord(), agent_private_key: '' }])(
  'formatAuthJson refuses anything but a JWT or a record',
  async (identity) => {
    expect(await codeOf(() => formatAuthJson(identity as string))).toBe('invalid_argument');
  },
);

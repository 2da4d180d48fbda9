import { inspect } from 'node:util';
import { createAgentAssertion, formatAgentAssertion, parseAgentAssertion } from 'agent-identity-core';
import { fixedAgent, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { fixedAssertion, fixedKey } from '../support/fixed-agent.js';
import { headerOf } from '../support/header-of.js';

const { assertionHeader, signedAt } = fixedAgent;

const { signature, timestamp } = fixedAssertion;
const members = {
  agent_runtime_id: 'agent-123',
  signature,
  task_id: 'task-123',
  timestamp,
} as const;
const envelope = JSON.stringify(members);
const token = assertionHeader.slice('AgentAssertion '.length);

/** The envelope with some members set to other values, in the right order. */
function envelopeWith(changes: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...members, ...changes });
}

/** The envelope with a part of its text replaced, which must be there. */
function edited(part: string, replacement: string): string {
  expect(envelope).toContain(part);
  return headerOf(envelope.replace(part, replacement));
}

function expectMalformed(header: unknown): void {
  const error = thrownBy(() => parseAgentAssertion(header as string));
  expect(error.code).toBe('malformed_assertion');
  expect(error.message).toMatch(/^agent assertion: expected .+, got .+$/);
  expect(error.retryable).toBe(false);
  expect(error.cause).toBeUndefined();
}

describe('parseAgentAssertion', () => {
  it('reads what formatAgentAssertion writes', () => {
    expect(headerOf(envelope)).toBe(assertionHeader);
    expect(parseAgentAssertion(assertionHeader)).toEqual(fixedAssertion);
  });

  it('reads ids of any Unicode text, with the escapes of compact JSON', () => {
    const ids = [
      'é漢字',
      '🤖',
      ' padded ',
      'a:b',
      '"quoted\\',
      '\b\f\n\r\tx',
      '\u0000\u001f\u007f',
      '\u2028\ufeff!',
      '/',
    ];
    for (const id of ids) {
      const assertion = createAgentAssertion(
        { agentKey: fixedKey, agentRuntimeId: id, taskId: id },
        { clock: () => signedAt },
      );
      expect(parseAgentAssertion(formatAgentAssertion(assertion))).toEqual(assertion);
    }
  });

  it('does not check the signature: 64 zeros are well-formed', () => {
    const zeros = Buffer.alloc(64).toString('base64');
    expect(parseAgentAssertion(headerOf(envelopeWith({ signature: zeros }))).signature).toBe(zeros);
  });
});

describe('parseAgentAssertion refuses with malformed_assertion', () => {
  it.each<[string, unknown]>([
    ['no scheme', token],
    ['Bearer', `Bearer ${token}`],
    ['the scheme in lower case', `agentassertion ${token}`],
    ['a longer scheme', `AgentAssertions ${token}`],
    ['the scheme alone', 'AgentAssertion'],
    ['the scheme and a space alone', 'AgentAssertion '],
    ['two spaces', `AgentAssertion  ${token}`],
    ['a tab for the space', `AgentAssertion\t${token}`],
    ['no space', `AgentAssertion${token}`],
    ['a space before', ` ${assertionHeader}`],
    ['a space after', `${assertionHeader} `],
    ['a line end after', `${assertionHeader}\n`],
    ['parameters after', `${assertionHeader}, realm="x"`],
    ['two assertions', `${assertionHeader}, ${assertionHeader}`],
    ['an empty string', ''],
    ['undefined', undefined],
    ['null', null],
    ['a number', 1],
    ['an array', [assertionHeader]],
    ['an object that prints as one', { toString: () => assertionHeader }],
  ])('another scheme or form of header: %s', (_form, header) => {
    expectMalformed(header);
  });

  it.each<[string, string]>([
    ['padding', `AgentAssertion ${Buffer.from(envelope).toString('base64url')}=`],
    [
      'padding of the right length',
      `AgentAssertion ${Buffer.from(envelopeWith({ task_id: 'tt' })).toString('base64')}`,
    ],
    [
      'the alphabet of standard base64',
      `AgentAssertion ${Buffer.from(envelopeWith({ task_id: '~~~???' }))
        .toString('base64')
        .replaceAll('=', '')}`,
    ],
    ['white space', `AgentAssertion ${token.slice(0, 8)} ${token.slice(8)}`],
    ['a line end', `AgentAssertion ${token.slice(0, 8)}\r\n${token.slice(8)}`],
    ['a character of no alphabet', `AgentAssertion ${token.slice(0, 8)}!${token.slice(9)}`],
    ['a character beyond ASCII', `AgentAssertion ${token.slice(0, 8)}ǻ${token.slice(9)}`],
    ['a length that no bytes have', `AgentAssertion ${token}AAAAA`.slice(0, -((token.length + 5 - 1) % 4))],
  ])('another base64: %s', (_form, header) => {
    expectMalformed(header);
  });

  it('stray bits in the last character of base64url', () => {
    const withTwoBytesLeft = headerOf(envelopeWith({ task_id: 'tt' }));
    const headers = ['t', 'tt', 'ttt'].map((taskId) => headerOf(envelopeWith({ task_id: taskId })));
    expect(headers).toContain(withTwoBytesLeft);
    const unaligned = headers.filter((header) => (header.length - 'AgentAssertion '.length) % 4 !== 0);
    expect(unaligned).toHaveLength(2);
    for (const header of unaligned) {
      const last = header.at(-1) as string;
      parseAgentAssertion(header);
      expectMalformed(header.slice(0, -1) + String.fromCharCode(last.charCodeAt(0) + 1));
    }
  });

  it.each<[string, Uint8Array]>([
    ['a lone continuation byte', Buffer.from([0x80])],
    ['an overlong form', Buffer.from([0xc0, 0xaf])],
    ['an overlong form of three bytes', Buffer.from([0xe0, 0x80, 0xaf])],
    ['a surrogate', Buffer.from([0xed, 0xa0, 0x80])],
    ['a code point past the last', Buffer.from([0xf4, 0x90, 0x80, 0x80])],
    ['a character cut off', Buffer.from([0xe6, 0xbc])],
    ['Latin-1', Buffer.from('é', 'latin1')],
  ])('bytes that are not UTF-8: %s', (_form, bytes) => {
    const [before, after] = envelope.split('task-123') as [string, string];
    expectMalformed(headerOf(Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)])));
    expectMalformed(headerOf(Buffer.concat([Buffer.from(envelope), bytes])));
  });

  it('a byte order mark', () => {
    expectMalformed(headerOf(`\ufeff${envelope}`));
    expectMalformed(headerOf(Buffer.from(envelope, 'utf16le')));
  });

  it.each(['agent_runtime_id', 'task_id', 'timestamp', 'signature'])(
    'a lone surrogate by escape in %s',
    (name) => {
      const value = members[name as keyof typeof members];
      for (const surrogate of ['\\ud800', '\\udc00', '\\udc00\\ud800']) {
        expectMalformed(edited(`"${name}":"${value}"`, `"${name}":"${value}${surrogate}"`));
      }
    },
  );

  it.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', 'agent-123:task-123'],
    ['JSON cut off', envelope.slice(0, -1)],
    ['JSON with something after it', `${envelope}{}`],
    ['single quotes', envelope.replaceAll('"', "'")],
    ['a trailing comma', envelope.replace('}', ',}')],
    ['a comment', envelope.replace('{', '{/**/')],
    ['null', 'null'],
    ['a string', '"agent-123"'],
    ['a number', '1'],
    ['true', 'true'],
    ['an array', `[${envelope}]`],
    ['an array of the four values', JSON.stringify(Object.values(members))],
    ['an empty object', '{}'],
    ['deep nesting', '['.repeat(2000) + ']'.repeat(2000)],
  ])('another JSON value: %s', (_form, json) => {
    expectMalformed(headerOf(json));
  });

  it.each<[string, string]>([
    ['a space before', ` ${envelope}`],
    ['a space after', `${envelope} `],
    ['a line end after', `${envelope}\n`],
    ['spaces between', JSON.stringify(members, null, 1)],
    ['another order', JSON.stringify({ ...{ task_id: members.task_id }, ...members })],
    ['the reverse order', JSON.stringify(Object.fromEntries(Object.entries(members).reverse()))],
    ['an escape where none is needed', envelope.replace('agent-123', '\\u0061gent-123')],
    ['an escape in a member name', envelope.replace('task_id', 't\\u0061sk_id')],
    ['an escaped slash', envelope.replace('task-123', 'task\\/123')],
    ['an escape in upper case', envelope.replace('task-123', 'task\\u001F123')],
    ['a long escape for a short one', envelope.replace('task-123', 'task\\u0009123')],
    ['a surrogate pair by escapes', envelope.replace('task-123', '\\ud83e\\udd16')],
  ])('the same members in another form: %s', (_form, json) => {
    expect(() => JSON.parse(json)).not.toThrow();
    expectMalformed(headerOf(json));
  });

  it.each(Object.keys(members))('a missing or repeated %s, or one of another type', (name) => {
    const value = members[name as keyof typeof members];
    const text = `"${name}":"${value}"`;
    expectMalformed(headerOf(envelopeWith({ [name]: undefined })));
    expectMalformed(edited(text, `${text},${text}`));
    expectMalformed(edited(text, `"${name}":"other",${text}`));
    expectMalformed(edited(text, `${text},"${name}":"other"`));
    for (const other of [null, true, 7, {}, [], [value], { value }]) {
      expectMalformed(headerOf(envelopeWith({ [name]: other })));
    }
  });

  it.each(['aud', '', 'taskId', 'agent_public_key', '__proto__', 'constructor', 'toJSON'])(
    'a fifth member %j',
    (name) => {
      expectMalformed(headerOf(envelope.replace('}', `,"${name}":"x"}`)));
      expectMalformed(headerOf(envelope.replace('{', `{"${name}":"x",`)));
    },
  );

  it('members that are inherited from a prototype', () => {
    expectMalformed(headerOf(`{"__proto__":${envelope}}`));
  });

  it.each(['', ' ', '\t\n', '\u00a0', '\ufeff'])('a blank id: %j', (id) => {
    expectMalformed(headerOf(envelopeWith({ agent_runtime_id: id })));
    expectMalformed(headerOf(envelopeWith({ task_id: id })));
  });

  it.each([
    ['', 'empty'],
    ['2026-04-23', 'a date alone'],
    ['2026-04-23T00:00Z', 'no seconds'],
    ['2026-04-23T00:00:00', 'no zone'],
    ['2026-04-23t00:00:00Z', 'a lower-case t'],
    ['2026-04-23T00:00:00z', 'a lower-case z'],
    ['2026-04-23 00:00:00Z', 'a space for the T'],
    ['2026-04-23T00:00:00+00:00', 'a zero offset'],
    ['2026-04-23T00:00:00-00:00', 'an unknown offset'],
    ['2026-04-23T02:00:00+02:00', 'an offset'],
    ['2026-04-23T00:00:00.0Z', 'a fraction'],
    ['2026-04-23T00:00:00.000Z', 'milliseconds'],
    ['2026-04-23T00:00:00,5Z', 'a fraction behind a comma'],
    ['2026-04-23T00:00:00Z ', 'a space after'],
    [' 2026-04-23T00:00:00Z', 'a space before'],
    ['2026-04-23T00:00:00Z\n', 'a line end after'],
    ['2026-02-30T00:00:00Z', '30 February'],
    ['2026-02-29T00:00:00Z', '29 February of another year'],
    ['2100-02-29T00:00:00Z', '29 February of a century'],
    ['2026-04-31T00:00:00Z', '31 April'],
    ['2026-04-00T00:00:00Z', 'day 0'],
    ['2026-04-32T00:00:00Z', 'day 32'],
    ['2026-00-23T00:00:00Z', 'month 0'],
    ['2026-13-23T00:00:00Z', 'month 13'],
    ['2026-04-23T24:00:00Z', 'hour 24'],
    ['2026-04-23T25:00:00Z', 'hour 25'],
    ['2026-04-23T00:60:00Z', 'minute 60'],
    ['2026-06-30T23:59:60Z', 'a leap second'],
    ['2016-12-31T23:59:60Z', 'a leap second that was'],
    ['26-04-23T00:00:00Z', 'a year of two digits'],
    ['12026-04-23T00:00:00Z', 'a year of five digits'],
    ['+002026-04-23T00:00:00Z', 'a year with a sign'],
    ['-002026-04-23T00:00:00Z', 'a year before Christ'],
    ['2026-4-23T00:00:00Z', 'a month of one digit'],
    ['20260423T000000Z', 'the basic form'],
    ['2026-W17-4T00:00:00Z', 'a week date'],
    ['٢٠٢٦-04-23T00:00:00Z', 'other digits'],
    ['1776902400', 'seconds since 1970'],
    ['Thu, 23 Apr 2026 00:00:00 GMT', 'an HTTP date'],
  ])('the timestamp %j: %s', (bad) => {
    expectMalformed(headerOf(envelopeWith({ timestamp: bad })));
  });

  it.each(['2024-02-29T23:59:59Z', '2000-02-29T00:00:00Z', '1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
    'not the timestamp %j, which is one',
    (good) => {
      expect(parseAgentAssertion(headerOf(envelopeWith({ timestamp: good }))).timestamp).toBe(good);
    },
  );

  it.each<[string, string]>([
    ['empty', ''],
    ['of 63 bytes', Buffer.alloc(63, 1).toString('base64')],
    ['of 65 bytes', Buffer.alloc(65, 1).toString('base64')],
    ['base64url', Buffer.alloc(64, 0xfb).toString('base64url')],
    ['base64url with padding', signature.replaceAll('+', '-').replaceAll('/', '_')],
    ['without padding', signature.replaceAll('=', '')],
    ['with half its padding', signature.slice(0, -1)],
    ['with padding too much', `${signature}=`],
    ['with stray bits', signature.replace('w==', 'x==')],
    ['with white space', `${signature.slice(0, 4)} ${signature.slice(4)}`],
    ['with a line end', `${signature}\n`],
    ['hexadecimal', Buffer.from(signature, 'base64').toString('hex')],
    ['no base64', '@'.repeat(88)],
  ])('a signature that is %s', (_form, bad) => {
    expect(bad).not.toBe(signature);
    expectMalformed(headerOf(envelopeWith({ signature: bad })));
  });
});

describe('the length of a header', () => {
  const longestTask = 't'.repeat(Math.floor(((4096 - assertionHeader.length) * 3) / 4) + 8);

  it('may be 4 KiB', () => {
    const header = headerOf(envelopeWith({ task_id: longestTask }));
    expect(header.length).toBeGreaterThan(4092);
    expect(header.length).toBeLessThanOrEqual(4096);
    expect(parseAgentAssertion(header).taskId).toBe(longestTask);
  });

  it('must not be more', () => {
    expectMalformed(headerOf(envelopeWith({ task_id: `${longestTask}tttt` })));
    expectMalformed(assertionHeader.padEnd(4097, ' '));
  });

  it('is refused by the length check from 4,097 characters on, and not at 4,096', () => {
    const messageAt = (length: number) =>
      thrownBy(() => parseAgentAssertion('AgentAssertion '.padEnd(length, 'e'))).message;
    expect(messageAt(4096)).not.toContain('at most 4096 characters');
    expect(messageAt(4097)).toContain('at most 4096 characters, got a string of 4097 characters');
  });

  it('is checked before anything is decoded, so the work is bounded for any input', () => {
    const huge = 1 << 24;
    for (const header of [headerOf('['.repeat(huge)), `AgentAssertion ${'@'.repeat(huge)}`]) {
      const { code, message } = thrownBy(() => parseAgentAssertion(header));
      expect(code).toBe('malformed_assertion');
      expect(message).toBe(
        `agent assertion: expected at most 4096 characters, got a string of ${header.length} characters`,
      );
    }
  });
});

describe('a malformed_assertion error', () => {
  it('contains nothing of the header', () => {
    const headers = [
      `Bearer ${token}`,
      `${assertionHeader}=`,
      headerOf(`${envelope}}`),
      headerOf(envelopeWith({ signature: 'secretsecret' })),
      headerOf(envelopeWith({ timestamp: 'secretsecret' })),
      headerOf(envelopeWith({ extra: 'secretsecret' })),
      headerOf('secretsecret'),
    ];
    for (const header of headers) {
      const text = inspect(
        thrownBy(() => parseAgentAssertion(header)),
        { showHidden: true, depth: null },
      );
      for (const part of [
        token.slice(0, 16),
        signature.slice(0, 16),
        'agent-123',
        'task-123',
        'secretsecret',
      ]) {
        expect(text).not.toContain(part);
      }
    }
  });

  it.each<[string, string, string]>([
    ['the scheme', 'Bearer x', 'the scheme "AgentAssertion" and one space, got a string of 8 characters'],
    ['the encoding', `${assertionHeader}=`, 'base64url without padding, got other characters'],
    ['the bytes', headerOf(Buffer.from([0xff])), 'UTF-8, got other bytes'],
    ['the JSON', headerOf('x'), 'a JSON object, got other text'],
    ['a member', headerOf(envelopeWith({ task_id: 7 })), 'task_id as a non-blank string, got a number'],
    [
      'the form',
      headerOf(`${envelope} `),
      'compact JSON with exactly the four members in protocol order, got different JSON',
    ],
  ])('says what was expected of %s', (_part, header, expected) => {
    expect(thrownBy(() => parseAgentAssertion(header)).message).toBe(`agent assertion: expected ${expected}`);
  });
});

import { parseInstallationId } from 'chatgpt-auth';
import { describe, expect, it } from 'vitest';

const id = 'c77b29af-1f5f-4e5c-a007-978c11d359e1';

describe('parseInstallationId', () => {
  it.each([
    ['lower case with hyphens', id],
    ['upper case', id.toUpperCase()],
    ['no hyphens', id.replaceAll('-', '')],
    ['braces', `{${id}}`],
    ['a URN', `urn:uuid:${id}`],
    ['a line end', `${id}\n`],
    ['a line end of Windows', `${id}\r\n`],
    ['white space around', ` \t\n${id}\v\f `],
    ['a no-break space', `\u00a0${id}\u3000`],
    ['a next-line character', `\u0085${id}`],
  ])('reads a UUID with %s', (_form, text) => {
    expect(parseInstallationId(text)).toBe(id);
  });

  it.each([
    ['nil', '00000000-0000-0000-0000-000000000000'],
    ['of version 1', 'c77b29af-1f5f-1e5c-a007-978c11d359e1'],
    ['of version 7', 'c77b29af-1f5f-7e5c-a007-978c11d359e1'],
    ['of another variant', 'c77b29af-1f5f-4e5c-0007-978c11d359e1'],
    ['max', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  ])('reads a UUID that is %s', (_form, text) => {
    expect(parseInstallationId(text)).toBe(text);
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['words', 'not a uuid'],
    ['a digit too few', id.slice(1)],
    ['a digit too many', `${id}0`],
    ['another character', id.replace('c', 'g')],
    ['hyphens elsewhere', 'c77b-29af1f5f-4e5c-a007-978c11d359e1'],
    ['some hyphens only', id.replace('-', '')],
    ['braces without hyphens', `{${id.replaceAll('-', '')}}`],
    ['one brace', `{${id}`],
    ['parentheses', `(${id})`],
    ['an upper-case URN', `URN:UUID:${id}`],
    ['a URN in braces', `{urn:uuid:${id}}`],
    ['a URN without hyphens', `urn:uuid:${id.replaceAll('-', '')}`],
    ['two ids', `${id}\n${id}`],
    ['white space within', id.replace('-', ' ')],
    ['quotes', `"${id}"`],
    ['a byte order mark', `\ufeff${id}`],
    ['a NUL', `${id}\0`],
    ['digits of another script', id.replace('7', '٧')],
  ])('returns undefined for %s', (_form, text) => {
    expect(parseInstallationId(text)).toBeUndefined();
  });

  it('takes linear time for any text', () => {
    for (const text of [' ', '\n', 'a', '-', '{'].map((character) => character.repeat(1 << 22))) {
      expect(parseInstallationId(text)).toBeUndefined();
      expect(parseInstallationId(`${text}${id}x`)).toBeUndefined();
      expect(parseInstallationId(`${id}${text}x`)).toBeUndefined();
    }
  });
});

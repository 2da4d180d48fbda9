import { readFileSync } from 'node:fs';
import { explainForbidden, identificationHeaders } from 'agent-identity-core/http';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';

describe('identificationHeaders', () => {
  it('sends the name and the version of the package by default', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(identificationHeaders()).toEqual({
      'User-Agent': `agent-identity-ts/${version}`,
      originator: 'agent-identity-ts',
    });
  });

  it('sends what the caller sets', () => {
    expect(
      identificationHeaders({ userAgent: 'codex_exec/0.169.0 (Linux)', originator: 'codex_exec' }),
    ).toEqual({
      'User-Agent': 'codex_exec/0.169.0 (Linux)',
      originator: 'codex_exec',
    });
  });

  it.each([
    { userAgent: '' },
    { userAgent: ' x' },
    { userAgent: 'x\r\nEvil: 1' },
    { userAgent: 'é' },
    { userAgent: 7 },
    { originator: '' },
    { originator: 'a b' },
    { originator: 'a\n' },
    { originator: null },
  ])('refuses %j', (identification) => {
    const error = thrownBy(() => identificationHeaders(identification as never));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(`${Object.keys(identification)[0]}: expected`);
    expect(error.message).not.toContain('Evil');
  });
});

describe('explainForbidden', () => {
  const forbidden = (headers: Record<string, string> = {}, status = 403) =>
    new Response('', { status, headers });

  it('recognizes a challenge by its header', () => {
    const reason = explainForbidden(forbidden({ 'cf-mitigated': 'challenge' }));
    expect(reason?.kind).toBe('challenge');
    expect(reason?.message).toContain('userAgent');
  });

  it('recognizes an unsupported region by its code', () => {
    expect(explainForbidden(forbidden(), 'unsupported_country_region_territory')?.kind).toBe(
      'unsupported_region',
    );
  });

  it.each([
    [forbidden(), undefined],
    [forbidden(), 'forbidden'],
    [forbidden({ 'cf-mitigated': 'other' }), null],
    [forbidden({ 'cf-mitigated': 'challenge' }, 503), undefined],
    [forbidden({}, 400), 'unsupported_country_region_territory'],
  ])('says nothing about other responses', (response, code) => {
    expect(explainForbidden(response, code)).toBeUndefined();
  });
});

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { formatCompletions, printable, stylesOf } from 'agent-identity-core/terminal';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);

describe('printable', () => {
  it.each([
    ['a\u001b[31mb', 'a\\u{1b}[31mb'],
    ['one\r\ntwo\t', 'one\\u{d}\\u{a}two\\u{9}'],
    ['\u202egnp.exe', '\\u{202e}gnp.exe'],
    ['a\u2028b\u0085', 'a\\u{2028}b\\u{85}'],
    ['Zoë 日本 👍', 'Zoë 日本 👍'],
  ])('escapes what a terminal acts on: %j', (text, expected) => {
    expect(printable(text)).toBe(expected);
  });
});

describe('stylesOf', () => {
  it('colors terminals, unless NO_COLOR is set or the terminal is dumb', () => {
    const bad = (isOutputTerminal: boolean, environment: Record<string, string> = {}) =>
      stylesOf({ isOutputTerminal, environment }).bad('x');
    expect(bad(true)).toBe('\u001b[31mx\u001b[39m');
    expect([bad(false), bad(true, { NO_COLOR: '1' }), bad(true, { TERM: 'dumb' })]).toEqual(['x', 'x', 'x']);
    // An empty NO_COLOR counts as not set.
    expect(bad(true, { NO_COLOR: '' })).not.toBe('x');
  });
});

describe('formatCompletions', () => {
  const option = (long: string, takesValue: boolean) => ({
    long,
    takesValue,
    summary: `the operator's ${long}`,
  });
  const leaf = (name: string, ...options: ReturnType<typeof option>[]) => ({
    name,
    summary: `the operator's ${name}`,
    options,
    commands: [],
  });
  const program = {
    ...leaf('an-example'),
    commands: [
      leaf('list', option('--limit', true)),
      { ...leaf('audit'), commands: [leaf('list', option('--follow', false)), leaf('verify')] },
    ],
  };

  it('completes commands, subcommands and options in bash', async () => {
    const complete = async (...typed: string[]) => {
      const words = typed.map((word) => `'${word}'`).join(' ');
      const line = `${formatCompletions(program, 'bash')}\nCOMP_WORDS=(an-example ${words}); COMP_CWORD=${typed.length}; _an_example; echo "\${COMPREPLY[*]}"`;
      return (await run('bash', ['--norc', '-c', line])).stdout.trim();
    };
    expect(await complete('')).toBe('list audit');
    expect(await complete('au')).toBe('audit');
    expect(await complete('audit', '')).toBe('list verify');
    expect(await complete('list', '-')).toBe('--limit');
    expect(await complete('audit', 'list', '-')).toBe('--follow');
    expect(await complete('audit', 'list', '--follow', '-')).toBe('--follow');
    expect(await complete('nothing', 'li')).toBe('list');
  });

  it('is one line per command and option for fish, and one case per command for zsh', () => {
    const fish = formatCompletions(program, 'fish');
    expect(fish).toContain(
      `complete -c an-example -n "_an_example_is_at ' audit list'" -l follow -d 'the operator’s --follow'\n`,
    );
    expect(fish).toContain(`-n "_an_example_is_at ''" -f -a audit -d 'the operator’s audit'\n`);
    expect(fish).toContain(`-l limit -r -d`);
    const zsh = formatCompletions(program, 'zsh');
    expect(zsh).toMatch(/^#compdef an-example\n/);
    expect(zsh).toContain(`(' audit list') compadd -- --follow ;;`);
  });
});

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { temporaryFile } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';

const run = promisify(execFile);

describe('completions', () => {
  it('complete commands and options in bash', async () => {
    const { stdout } = await runProgram(['completions', 'bash']);
    const script = await temporaryFile(stdout);
    const complete = async (...typed: string[]) => {
      const list = typed.map((word) => `'${word}'`).join(' ');
      const program = `source ${script}; COMP_WORDS=(agent-identity ${list}); COMP_CWORD=${typed.length}; _agent_identity; echo "\${COMPREPLY[*]}"`;
      return (await run('bash', ['-c', program])).stdout.trim();
    };
    expect(await complete('do')).toBe('doctor');
    expect(await complete('log')).toBe('login logout');
    expect(await complete('doctor', '--u')).toBe('--url');
    expect(await complete('keygen', '--')).toBe('--out --public-of --reveal --json');
  });

  it.each(['bash', 'zsh', 'fish'])('name every command for %s', async (shell) => {
    const [{ stdout: help }, { code, stdout }] = await Promise.all([
      runProgram(['--help']),
      runProgram(['completions', shell]),
    ]);
    expect(code).toBe(0);
    const names = [...help.matchAll(/^ {2}([\w-]+) .*(?:\[options\]|<shell>)/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(stdout).toContain(name);
  });

  it('are refused for another shell', async () => {
    expect((await runProgram(['completions', 'tcsh'])).code).toBe(2);
  });
});

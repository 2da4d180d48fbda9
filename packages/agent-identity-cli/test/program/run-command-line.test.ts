import { fixedAgent } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';

const names = ['keygen', 'inspect', 'sign', 'verify', 'header'];

describe('agent-identity', () => {
  it('lists its commands and exit codes', async () => {
    const { code, stdout } = await runProgram(['--help']);
    expect(code).toBe(0);
    for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name} .*\\S`, 'm'));
    expect(stdout).toContain('Exit codes:');
  });

  it.each(names)('has help with examples for %s', async (name) => {
    for (const words of [
      [name, '--help'],
      ['help', name],
    ]) {
      const { code, stdout } = await runProgram(words);
      expect(code).toBe(0);
      expect(stdout).toContain(`agent-identity ${name}`);
      expect(stdout).toContain('Examples:\n  $ agent-identity');
      expect(stdout).toContain('--json');
    }
  });

  it('refuses unknown commands and options, without repeating a secret', async () => {
    expect(await runProgram(['inspekt'])).toMatchObject({ code: 2, stdout: '' });
    const { code, stdout, stderr } = await runProgram(['inspect', 'a', fixedAgent.pkcs8]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).not.toContain(fixedAgent.pkcs8);
    expect((await runProgram(['keygen', '--output', 'x'])).stderr).toContain("unknown option '--output'");
  });

  it('loads neither a schema library nor a client for its help', async () => {
    // The hook fails the process when a module of these packages is loaded.
    const hook = `data:text/javascript,${encodeURIComponent(`
      import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(\`
        export async function resolve(specifier, context, next) {
          if (/^(?:zod|jose|provider-auth|chatgpt-auth|agent-identity-jwt)/.test(specifier)) throw new Error('loaded ' + specifier);
          return next(specifier, context);
        }\`));`)}`;
    const nodeWords = ['--import', hook];
    expect(await runProgram(['--help'], { nodeWords })).toMatchObject({ code: 0, stderr: '' });
    const { code, stderr } = await runProgram(['verify', 'a.b.c'], { nodeWords });
    expect(code).not.toBe(0);
    expect(stderr).toContain('loaded ');
  });
});

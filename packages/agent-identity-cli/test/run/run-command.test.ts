import { decodeUnverifiedAgentIdentityJwt, recordFromClaims } from 'agent-identity-jwt';
import { temporaryFile, temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';
import { startAuthority } from '../support/start-authority.js';
import { startService } from '../support/start-service.js';

const program = `
const send = (path, init) => fetch(process.env.OPENAI_BASE_URL + path, init);
const headers = { authorization: 'Bearer ' + process.env.OPENAI_API_KEY };
const answers = [await send('/responses', { method: 'POST', headers, body: '{}' }), await send('/files', { headers }), await send('/models')];
console.log(answers.map(({ status }) => status).join(' '), process.env.CODEX_ACCESS_TOKEN, process.env.OPENAI_BASE_URL.endsWith('/v1'));
process.exit(Number(process.argv[1]));`;

async function scene() {
  const authority = await startAuthority();
  const service = await startService();
  const { jwt } = await authority.issue();
  const command = (exitCode: number) => [
    process.execPath,
    '--input-type=module',
    '-e',
    program,
    String(exitCode),
  ];
  return { ...authority, service, jwt, command };
}

describe('run', () => {
  it('gives a command signed requests and no secret, and passes its exit code on', async () => {
    const { environment, service, jwt, command } = await scene();
    const words = ['run', '--base-url', `${service.origin}/v1`, '--', ...command(7)];
    const env = { ...environment, CODEX_HOME: await temporaryFolder(), CODEX_ACCESS_TOKEN: jwt };
    const { code, stdout, stderr } = await runProgram(words, { environment: env });
    expect({ code, stdout, stderr }).toEqual({ code: 7, stdout: '200 403 401 undefined true\n', stderr: '' });
    expect(service.seen.map(({ method, url, isSigned }) => [method, url, isSigned])).toEqual([
      ['POST', '/v1/responses', true],
    ]);
  });

  it.each(['--jwt-file', '--record-file'])(
    'keeps the standard input from the command if %s read it',
    async (option) => {
      const { environment, jwt } = await scene();
      const record = JSON.stringify(recordFromClaims(decodeUnverifiedAgentIdentityJwt(jwt)));
      const isNull = 'console.log(require("node:fs").fstatSync(0).isCharacterDevice())';
      const words = ['run', option, '-', '--', process.execPath, '-e', isNull];
      const input = option === '--jwt-file' ? jwt : record;
      expect((await runProgram(words, { environment, input })).stdout).toBe('true\n');
    },
  );

  it('allows what the rules say, and logs without secrets', async () => {
    const { environment, service, jwt, command } = await scene();
    const words = ['run', '--jwt-file', await temporaryFile(jwt), '--base-url', `${service.origin}/v1`];
    words.push('--allow', 'GET /v1/files', '--log-file', '-', '--', ...command(0));
    const { code, stdout, stderr } = await runProgram(words, { environment });
    expect([code, stdout.split(' ').slice(0, 3).join(' ')]).toEqual([0, '403 200 401']);
    const entries = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries.map(({ status }) => status).sort()).toEqual([200, 401, 403]);
    expect(stderr).not.toContain(jwt);
  });

  it.each(['--jwt-file', '--record-file'])(
    'does not print a secret that was given for %s',
    async (option) => {
      const { environment, jwt } = await scene();
      const { code, stderr } = await runProgram(['run', option, jwt, '--', 'true'], { environment });
      expect([code, stderr.includes('looks like a secret')]).toEqual([7, true]);
      expect(stderr).not.toContain(jwt.slice(0, 40));
    },
  );

  it('fails before it starts the command if there is no identity, and if there is no command', async () => {
    const { environment } = await scene();
    const env = { ...environment, CODEX_HOME: await temporaryFolder() };
    const none = await runProgram(['run', '--', 'touch', '/nonexistent/file'], { environment: env });
    expect(none).toMatchObject({ code: 4, stdout: '' });
    expect((await runProgram(['run'], { environment: env })).code).toBe(2);
  });

  it('says that the command could not be started', async () => {
    const { environment, jwt } = await scene();
    const words = ['run', '--jwt-file', await temporaryFile(jwt), '--', '/nonexistent/program'];
    const { code, stderr } = await runProgram(words, { environment });
    expect(code).toBe(1);
    expect(stderr).toContain('cannot_run_command');
  });
});

import { temporaryFile } from 'test-support';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';
import { startAuthority } from '../support/start-authority.js';
import { startService } from '../support/start-service.js';

async function scene(answer?: Parameters<typeof startService>[0]) {
  const { environment, issue } = await startAuthority();
  const { jwt } = await issue();
  const service = await startService(answer);
  const file = await temporaryFile(jwt);
  const curl = (words: readonly string[], input = '') =>
    runProgram(['curl', '--jwt-file', file, ...words], { environment, input });
  return { service, curl, jwt };
}

describe('curl', () => {
  it('sends a signed request, and prints the body', async () => {
    const { service, curl } = await scene();
    const { code, stdout, stderr } = await curl([`${service.origin}/v1/models?a=b`]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'hello', stderr: '' });
    expect(service.seen).toMatchObject([{ method: 'GET', url: '/v1/models?a=b', isSigned: true }]);
    expect(service.seen[0]?.headers['chatgpt-account-id']).toBe('account-1');
  });

  it('sends a body of an argument, a file and standard input, with headers', async () => {
    const { service, curl } = await scene();
    const header = ['-H', 'content-type: application/json'];
    await curl([...header, '-d', '{"a":1}', service.origin]);
    await curl([...header, '-d', `@${await temporaryFile('{"a":2}')}`, service.origin]);
    await curl([...header, '-X', 'PUT', '-d', '@-', service.origin], '{"a":3}');
    expect(service.seen.map(({ method, body, headers }) => [method, body, headers['content-type']])).toEqual([
      ['POST', '{"a":1}', 'application/json'],
      ['POST', '{"a":2}', 'application/json'],
      ['PUT', '{"a":3}', 'application/json'],
    ]);
  });

  it.each([
    [401, 5],
    [403, 5],
    [404, 1],
    [429, 6],
    [503, 6],
  ])('prints the body of a %i, and exits with %i', async (status, code) => {
    const { service, curl } = await scene((_seen, response) => response.writeHead(status).end('no'));
    expect(await curl([service.origin])).toMatchObject({ code, stdout: 'no' });
  });

  it('prints the head with -i, and all of it as JSON', async () => {
    const { service, curl } = await scene((_seen, response) =>
      response.setHeader('x-request-id', 'request-1').end('hello'),
    );
    expect((await curl(['-i', service.origin])).stdout).toMatch(
      /^HTTP 200\n(?:.+\n)*x-request-id: request-1\n(?:.+\n)*\nhello$/,
    );
    expect(JSON.parse((await curl(['--json', service.origin])).stdout)).toMatchObject({
      status: 200,
      body: 'hello',
    });
  });

  it('follows no redirect to another origin with the credentials', async () => {
    const other = await startService();
    const { service, curl } = await scene((_seen, response) =>
      response.writeHead(307, { location: other.origin }).end(),
    );
    await curl([service.origin]);
    expect(other.seen.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });

  it.each([
    [['http://models.example/v1'], 8, 'insecure_url'],
    [['models'], 2, 'absolute URL'],
    [['-H', 'no colon', 'https://models.example'], 2, '--header'],
    [['-d', '@/nonexistent/file', 'https://models.example'], 7, 'ENOENT'],
  ])('refuses %j', async (words, code, message) => {
    const { curl, jwt } = await scene();
    const result = await curl(words);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(message);
    expect(result.stderr).not.toContain(jwt);
  });
});

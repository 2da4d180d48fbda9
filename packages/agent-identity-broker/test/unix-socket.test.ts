import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, request as sendRequest } from 'node:http';
import { temporaryFolder, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { startScene } from './support/start-scene.js';

describe('a broker on a Unix socket', () => {
  const get = async (socketPath: string, headers = {}) => {
    const request = sendRequest({ socketPath, path: '/v1/models', headers }).end();
    const [response] = await once(request, 'response');
    return response.statusCode;
  };

  it('serves this user without an access token, and takes over a dead socket', async () => {
    const socketPath = `${await temporaryFolder()}/broker.sock`;
    const dead = createServer().listen(socketPath);
    await once(dead, 'listening');
    // The file stays, as after a crash.
    (dead as unknown as { _handle: { close(): void } })._handle.close();
    const { broker } = await startScene(undefined, { socketPath });
    expect(broker).toMatchObject({ baseUrl: undefined, accessToken: undefined, socketPath });
    expect(await get(socketPath)).toBe(200);
    expect(await get(socketPath, { origin: 'https://example.com' })).toBe(403);
  });

  it('refuses a folder that others may enter, and a socket that is in use', async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o755);
    const socketPath = `${folder}/broker.sock`;
    expect(await thrownBy(() => startScene(undefined, { socketPath }))).toMatchObject({
      code: 'unsafe_socket',
    });
    await startScene(undefined, { socketPath, accessToken: 'x'.repeat(32) });
    const second = () => startScene(undefined, { socketPath, accessToken: 'x'.repeat(32) });
    expect(await thrownBy(second)).toMatchObject({ code: 'cannot_listen' });
    expect(await get(socketPath)).toBe(401);
  });
});

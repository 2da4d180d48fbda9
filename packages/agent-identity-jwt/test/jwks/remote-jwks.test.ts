import { getEventListeners, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JwksSource, type RemoteJwksOptions, remoteJwks } from 'agent-identity-jwt';
import { manualClock, rsaKey } from 'test-support';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type JwksServer, jwksServer, keysAnswer, statusAnswer } from '../support/jwks-server.js';
import { refusalOf, refusedBy } from '../support/refusal.js';

const key = rsaKey('key-1');
const nextKey = rsaKey('key-2');

interface Scene extends ReturnType<typeof manualClock> {
  readonly server: JwksServer;
  readonly jwks: JwksSource;
}

/** A server with one key, a source that asks it, and the source's monotonic clock. */
async function scene(options: RemoteJwksOptions = {}, headers: Record<string, string> = {}): Promise<Scene> {
  const server = await jwksServer(keysAnswer([key.jwk], headers));
  const time = manualClock(0);
  return { server, jwks: remoteJwks(server.url, options, { monotonicClock: time.clock }), ...time };
}

/** A server on loopback that nobody listens on any more. */
const closedUrl = 'http://127.0.0.1:1/jwks';

describe('fetching', () => {
  it('sends no request until a key is needed', async () => {
    const { server, jwks } = await scene();
    expect(server.requests).toHaveLength(0);
    expect((await jwks.findKey('key-1')).type).toBe('public');
    expect(server.requests).toHaveLength(1);
  });

  it('sends a GET for JSON without credentials', async () => {
    const { server, jwks } = await scene();
    await jwks.findKey('key-1');
    expect(server.requests[0]?.method).toBe('GET');
    expect(server.requests[0]?.url).toBe('/jwks');
    expect(server.requests[0]?.headers.accept).toContain('application/json');
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(server.requests[0]?.headers).not.toHaveProperty('cookie');
  });

  it('sends one request for all waiting callers', async () => {
    const { server, jwks } = await scene();
    const found = await Promise.all(Array.from({ length: 50 }, () => jwks.findKey('key-1')));
    expect(new Set(found).size).toBe(1);
    expect(server.requests).toHaveLength(1);
  });

  it('rejects all waiting callers after one failed request, and tries again afterwards', async () => {
    const { server, jwks, advance } = await scene();
    server.answer = statusAnswer(500);
    const refusals = await Promise.all(Array.from({ length: 20 }, () => refusalOf(jwks.findKey('key-1'))));
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['jwks_unavailable']));
    expect(server.requests).toHaveLength(1);
    server.answer = keysAnswer([key.jwk]);
    advance(1);
    await jwks.findKey('key-1');
    expect(server.requests).toHaveLength(2);
  });

  it('asks a failing server at most once a second while there is no set to use', async () => {
    const { server, jwks, advance } = await scene();
    server.answer = statusAnswer(500);
    for (let i = 0; i < 20; i++) {
      expect((await refusalOf(jwks.findKey(`made-up-${i}`))).code).toBe('jwks_unavailable');
    }
    expect(server.requests).toHaveLength(1);
    advance(1);
    await refusalOf(jwks.findKey('key-1'));
    expect(server.requests).toHaveLength(2);
  });

  it('ends only the wait of the caller that aborts', async () => {
    const { server, jwks } = await scene();
    let respond = () => {};
    const asked = new Promise<void>((resolve) => {
      server.answer = (request, response) => {
        respond = () => keysAnswer([key.jwk])(request, response);
        resolve();
      };
    });
    const controller = new AbortController();
    const reason = new Error('this caller goes');
    const gone = jwks.findKey('key-1', { signal: controller.signal });
    const staying = jwks.findKey('key-1');
    await asked;
    controller.abort(reason);
    await expect(gone).rejects.toBe(reason);
    respond();
    expect((await staying).type).toBe('public');
    expect(server.requests).toHaveLength(1);
  });

  it('ends the wait of a caller that aborts before it waits', async () => {
    const { server, jwks } = await scene();
    await jwks.findKey('key-1');
    server.answer = () => {};
    const controller = new AbortController();
    const reason = new Error('gone at once');
    const gone = jwks.findKey('made-up', { signal: controller.signal });
    controller.abort(reason);
    await expect(gone).rejects.toBe(reason);
  });

  it('leaves no listener on a long-lived signal', async () => {
    const { server, jwks, advance } = await scene();
    const { signal } = new AbortController();
    await jwks.findKey('key-1', { signal });
    server.answer = statusAnswer(500);
    await refusalOf(jwks.findKey('made-up', { signal }));
    advance(3900);
    await refusalOf(jwks.findKey('key-1', { signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('sends nothing for a caller that has already aborted', async () => {
    let asked = 0;
    const fetch = async () => {
      asked += 1;
      return Response.json({ keys: [key.jwk] });
    };
    const jwks = remoteJwks('https://id.example/jwks', {}, { fetch });
    const reason = new Error('gone');
    await expect(jwks.findKey('key-1', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(asked).toBe(0);
  });

  it('keeps the set although the only caller has aborted', async () => {
    const { server, jwks } = await scene();
    const controller = new AbortController();
    let answered = Promise.resolve();
    server.answer = (request, response) => {
      answered = new Promise((resolve) => response.once('finish', () => resolve()));
      controller.abort(new Error('gone'));
      keysAnswer([key.jwk])(request, response);
    };
    await expect(jwks.findKey('key-1', { signal: controller.signal })).rejects.toThrow('gone');
    await answered;
    await jwks.findKey('key-1');
    expect(server.requests).toHaveLength(1);
  });
});

describe('caching', () => {
  it.each([
    ['max-age within the bounds', { 'cache-control': 'public, max-age=600' }, 600],
    ['max-age in capitals, quoted and spaced', { 'cache-control': 'public ,  Max-Age="600"' }, 600],
    ['the least of several max-age', { 'cache-control': 'max-age=900, max-age=600' }, 600],
    ['max-age less the age in caches on the way', { 'cache-control': 'max-age=600', age: '200' }, 400],
    ['at most an hour', { 'cache-control': 'max-age=86400' }, 3600],
    ['at least a minute', { 'cache-control': 'max-age=5' }, 60],
    ['a minute where the age is over max-age', { 'cache-control': 'max-age=600', age: '700' }, 60],
    ['a minute for no-store', { 'cache-control': 'no-store, max-age=600' }, 60],
    ['a minute for no-cache', { 'cache-control': 'max-age=600, no-cache' }, 60],
    ['a minute for a max-age that is no number', { 'cache-control': 'max-age=soon' }, 60],
    ['a minute for a negative max-age', { 'cache-control': 'max-age=-600' }, 60],
    ['five minutes where nothing is said', {}, 300],
    ['five minutes where only other things are said', { 'cache-control': 'public, s-maxage=900' }, 300],
  ])('caches a set for %s', async (_what, headers, seconds) => {
    const { server, jwks, advance } = await scene({}, headers as Record<string, string>);
    await jwks.findKey('key-1');
    advance(seconds - 0.001);
    await jwks.findKey('key-1');
    expect(server.requests).toHaveLength(1);
    advance(0.001);
    await jwks.findKey('key-1');
    expect(server.requests).toHaveLength(2);
  });

  it("respects the caller's bounds", async () => {
    const bounds = { minCacheSeconds: 10, maxCacheSeconds: 20 };
    const { server, jwks, advance } = await scene(bounds, { 'cache-control': 'max-age=600' });
    await jwks.findKey('key-1');
    advance(19.999);
    await jwks.findKey('key-1');
    expect(server.requests).toHaveLength(1);
    advance(0.001);
    await jwks.findKey('key-1');
    expect(server.requests).toHaveLength(2);
  });

  it('does not use a withdrawn key after the set with it has expired', async () => {
    const { server, jwks, advance } = await scene();
    await jwks.findKey('key-1');
    server.answer = keysAnswer([nextKey.jwk]);
    advance(300);
    expect((await refusalOf(jwks.findKey('key-1'))).code).toBe('unknown_kid');
    expect(server.requests).toHaveLength(2);
  });
});

describe('a jump of the wall clock', () => {
  const hour = 3_600_000;
  const tenYears = 87_660 * hour;

  afterEach(() => {
    vi.useRealTimers();
  });

  /** A source with the runtime's own clocks, of which the test sets the wall clock. */
  async function sceneOnWallClock() {
    const server = await jwksServer(keysAnswer([key.jwk]));
    const jwks = remoteJwks(server.url);
    vi.useFakeTimers({ toFake: ['Date'], now: 1_776_902_400_000 });
    await jwks.findKey('key-1');
    return { server, jwks, jump: (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds) };
  }

  it.each([hour, -hour, tenYears, -tenYears])('of %i ms neither ages nor prolongs a set', async (jump) => {
    const scene = await sceneOnWallClock();
    scene.jump(jump);
    await scene.jwks.findKey('key-1');
    expect(scene.server.requests).toHaveLength(1);
  });

  it.each([hour, -hour, tenYears, -tenYears])('of %i ms does not change the cooldown', async (jump) => {
    const scene = await sceneOnWallClock();
    await refusalOf(scene.jwks.findKey('made-up'));
    scene.jump(jump);
    await refusalOf(scene.jwks.findKey('made-up'));
    expect(scene.server.requests).toHaveLength(2);
  });

  it.each([hour, -hour, tenYears, -tenYears])(
    'of %i ms does not change the pause after a failure',
    async (jump) => {
      const server = await jwksServer(statusAnswer(500));
      const jwks = remoteJwks(server.url, {}, { monotonicClock: () => 0 });
      vi.useFakeTimers({ toFake: ['Date'], now: 1_776_902_400_000 });
      await refusalOf(jwks.findKey('key-1'));
      vi.setSystemTime(Date.now() + jump);
      await refusalOf(jwks.findKey('key-1'));
      expect(server.requests).toHaveLength(1);
    },
  );

  it.each([hour, -hour, tenYears, -tenYears])('of %i ms does not keep a withdrawn key', async (jump) => {
    const { server, jwks, advance } = await scene();
    vi.useFakeTimers({ toFake: ['Date'], now: 1_776_902_400_000 });
    await jwks.findKey('key-1');
    server.answer = keysAnswer([nextKey.jwk]);
    vi.setSystemTime(Date.now() + jump);
    advance(300);
    expect((await refusalOf(jwks.findKey('key-1'))).code).toBe('unknown_kid');
  });
});

describe('an unknown key id', () => {
  it('causes one more fetch, which finds a newly added key', async () => {
    const { server, jwks } = await scene();
    await jwks.findKey('key-1');
    server.answer = keysAnswer([key.jwk, nextKey.jwk]);
    expect((await jwks.findKey('key-2')).type).toBe('public');
    expect(server.requests).toHaveLength(2);
  });

  it('causes no second fetch of a set that was just fetched for it', async () => {
    const { server, jwks } = await scene();
    expect((await refusalOf(jwks.findKey('made-up'))).code).toBe('unknown_kid');
    expect(server.requests).toHaveLength(1);
  });

  it('causes one request per cooldown, even for many in a row', async () => {
    const { server, jwks, advance } = await scene();
    await jwks.findKey('key-1');
    for (let i = 0; i < 100; i++) {
      expect((await refusalOf(jwks.findKey(`made-up-${i}`))).code).toBe('unknown_kid');
    }
    expect(server.requests).toHaveLength(2);
    advance(29.999);
    await refusalOf(jwks.findKey('made-up'));
    expect(server.requests).toHaveLength(2);
    advance(0.001);
    await refusalOf(jwks.findKey('made-up'));
    expect(server.requests).toHaveLength(3);
  });

  it('causes one request for many at once, and all get its result', async () => {
    const { server, jwks } = await scene();
    await jwks.findKey('key-1');
    server.answer = keysAnswer([key.jwk, nextKey.jwk]);
    const made = Array.from({ length: 50 }, (_, i) => refusalOf(jwks.findKey(`made-up-${i}`)));
    const found = Array.from({ length: 50 }, () => jwks.findKey('key-2'));
    expect(new Set((await Promise.all(made)).map(({ code }) => code))).toEqual(new Set(['unknown_kid']));
    expect(new Set(await Promise.all(found)).size).toBe(1);
    expect(server.requests).toHaveLength(2);
  });

  it('is never refused with a set that a newer one has replaced', async () => {
    let keys = [key.jwk];
    const jwks = remoteJwks('https://id.example/jwks', {}, { fetch: async () => Response.json({ keys }) });
    await jwks.findKey('key-1');
    keys = [key.jwk, nextKey.jwk];
    const found: Promise<unknown>[] = [];
    for (let i = 0; i < 400; i++) {
      found.push(jwks.findKey('key-2'));
      await (i % 20 === 19 ? new Promise((resolve) => setImmediate(resolve)) : null);
    }
    expect(new Set(await Promise.all(found)).size).toBe(1);
  });

  it('does not delay known keys', async () => {
    const { server, jwks } = await scene();
    await jwks.findKey('key-1');
    let finish = () => {};
    server.answer = (request, response) => {
      finish = () => keysAnswer([key.jwk])(request, response);
      asked();
    };
    let asked = () => {};
    const waiting = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const refused = refusalOf(jwks.findKey('made-up'));
    await waiting;
    expect((await jwks.findKey('key-1')).type).toBe('public');
    finish();
    expect((await refused).code).toBe('unknown_kid');
  });

  it('is not reported as unknown while the set cannot be fetched, because the key may be new', async () => {
    const { server, jwks, advance } = await scene();
    await jwks.findKey('key-1');
    server.answer = statusAnswer(503);
    for (let i = 0; i < 20; i++) {
      const refusal = await refusalOf(jwks.findKey(`made-up-${i}`));
      expect(refusal).toMatchObject({ code: 'jwks_unavailable', retryable: true });
      advance(1);
    }
    expect(server.requests).toHaveLength(2);
    expect((await jwks.findKey('key-1')).type).toBe('public');
    server.answer = keysAnswer([key.jwk, nextKey.jwk]);
    advance(10);
    expect((await jwks.findKey('key-2')).type).toBe('public');
    expect(server.requests).toHaveLength(3);
    for (let i = 0; i < 20; i++) {
      expect((await refusalOf(jwks.findKey(`made-up-${i}`))).code).toBe('unknown_kid');
    }
    expect(server.requests).toHaveLength(4);
  });

  it("uses the caller's cooldown", async () => {
    const { server, jwks, advance } = await scene({ cooldownSeconds: 5 });
    await jwks.findKey('key-1');
    await refusalOf(jwks.findKey('made-up'));
    advance(5);
    await refusalOf(jwks.findKey('made-up'));
    expect(server.requests).toHaveLength(3);
  });
});

describe('while fetching fails', () => {
  it('uses the last set for an hour after it expired and no longer', async () => {
    const { server, jwks, advance } = await scene();
    await jwks.findKey('key-1');
    server.answer = statusAnswer(500);
    advance(300);
    expect((await jwks.findKey('key-1')).type).toBe('public');
    advance(3599.999);
    expect((await jwks.findKey('key-1')).type).toBe('public');
    advance(0.001);
    const refusal = await refusalOf(jwks.findKey('key-1'));
    expect(refusal).toMatchObject({ code: 'jwks_unavailable', retryable: true });
  });

  it('sends one request per cooldown and uses the last set without waiting in between', async () => {
    const { server, jwks, advance } = await scene();
    await jwks.findKey('key-1');
    server.answer = statusAnswer(500);
    advance(300);
    for (let i = 0; i < 20; i++) {
      await jwks.findKey('key-1');
      advance(1);
    }
    expect(server.requests).toHaveLength(2);
    advance(10);
    for (let i = 0; i < 20; i++) await jwks.findKey('key-1');
    expect(server.requests).toHaveLength(3);
  });

  it('uses a new set as soon as there is one', async () => {
    const { server, jwks, advance } = await scene();
    await jwks.findKey('key-1');
    server.answer = statusAnswer(500);
    advance(300);
    await jwks.findKey('key-1');
    server.answer = keysAnswer([nextKey.jwk]);
    advance(30);
    expect((await jwks.findKey('key-2')).type).toBe('public');
    expect((await refusalOf(jwks.findKey('key-1'))).code).toBe('unknown_kid');
  });

  it('uses no expired set if the caller allows none', async () => {
    const { server, jwks, advance } = await scene({ staleIfErrorSeconds: 0 });
    await jwks.findKey('key-1');
    server.answer = statusAnswer(500);
    advance(300);
    expect((await refusalOf(jwks.findKey('key-1'))).code).toBe('jwks_unavailable');
  });

  it('does not use the last set for a caller that has aborted', async () => {
    const { server, jwks, advance } = await scene();
    await jwks.findKey('key-1');
    advance(300);
    const controller = new AbortController();
    const reason = new Error('gone');
    server.answer = () => controller.abort(reason);
    await expect(jwks.findKey('key-1', { signal: controller.signal })).rejects.toBe(reason);
  });

  it('uses the last set while the server returns garbage', async () => {
    const { server, jwks, advance } = await scene();
    await jwks.findKey('key-1');
    server.answer = (_request, response) => response.end('<html>Please log in</html>');
    advance(300);
    expect((await jwks.findKey('key-1')).type).toBe('public');
    expect((await refusalOf(jwks.findKey('made-up'))).code).toBe('invalid_jwks');
  });
});

describe('an outage is reported as retryable and never as a bad token', () => {
  it.each([201, 204, 304, 400, 401, 403, 404, 429, 500, 502, 503])('status %i', async (status) => {
    const { server, jwks } = await scene();
    server.answer = statusAnswer(status);
    const refusal = await refusalOf(jwks.findKey('key-1'));
    expect(refusal).toMatchObject({ code: 'jwks_unavailable', retryable: true });
    expect(refusal.message).toContain(`got ${status}`);
    expect(refusal.message).toContain(server.url);
  });

  it('a refused connection', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    gone.close();
    await once(gone, 'close');
    const refusal = await refusalOf(remoteJwks(`http://127.0.0.1:${port}/jwks`).findKey('key-1'));
    expect(refusal).toMatchObject({ code: 'jwks_unavailable', retryable: true });
    expect(refusal.message).toContain('the connection failed (ECONNREFUSED)');
    expect(refusal.cause).toBeUndefined();
  });

  it('a connection that breaks during the body', async () => {
    const { server, jwks } = await scene();
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"keys":[', () => response.destroy());
    };
    expect(await refusalOf(jwks.findKey('key-1'))).toMatchObject({
      code: 'jwks_unavailable',
      retryable: true,
    });
  });

  it('headers that do not arrive within the time limit', async () => {
    const { server, jwks } = await scene({ timeoutSeconds: 0.05 });
    const closed = new Promise<void>((resolve) => {
      server.answer = (_request, response) => response.once('close', resolve);
    });
    const refusal = await refusalOf(jwks.findKey('key-1'));
    expect(refusal).toMatchObject({ code: 'jwks_unavailable', retryable: true });
    expect(refusal.message).toContain('within 0.05 s');
    await closed;
  });

  it('a body that does not end within the time limit', async () => {
    const { server, jwks } = await scene({ timeoutSeconds: 0.1 });
    server.answer = (_request, response) => {
      response.writeHead(200);
      response.write('{"keys":[');
    };
    const refusal = await refusalOf(jwks.findKey('key-1'));
    expect(refusal).toMatchObject({ code: 'jwks_unavailable', retryable: true });
    expect(refusal.message).toContain('within 0.1 s');
  });

  it('a fetch that ignores its signal', async () => {
    const fetch = () => new Promise<Response>(() => {});
    const jwks = remoteJwks('https://id.example/jwks', { timeoutSeconds: 0.05 }, { fetch });
    expect((await refusalOf(jwks.findKey('key-1'))).message).toContain('within 0.05 s');
  });

  it('and its error does not show the query of the URL, which may contain a key', async () => {
    const refusal = await refusalOf(remoteJwks(`${closedUrl}?api_key=hush-hush`).findKey('key-1'));
    expect(refusal.message).toContain(closedUrl);
    expect(refusal.message).not.toContain('hush');
  });
});

describe('a response that is not a key set is reported as such, as retryable', () => {
  it.each([
    ['HTML', '<html></html>'],
    ['nothing', ''],
    ['an array', '[]'],
    ['null', 'null'],
    ['keys that are no array', '{"keys":{}}'],
    ['too many keys', JSON.stringify({ keys: Array.from({ length: 101 }, () => ({})) })],
    ['half a document', '{"keys":[{"kty":"RSA"'],
  ])('%s', async (_what, body) => {
    const { server, jwks } = await scene();
    server.answer = (_request, response) => response.end(body);
    expect(await refusalOf(jwks.findKey('key-1'))).toMatchObject({ code: 'invalid_jwks', retryable: true });
  });

  it('a body of more than 256 KiB, which is not read to its end', async () => {
    const { server, jwks } = await scene();
    const closed = new Promise<void>((resolve) => {
      server.answer = (_request, response) => {
        response.on('close', resolve);
        const chunk = Buffer.alloc(65_536, ' ');
        const more = () => response.write(chunk, (error) => error ?? more());
        more();
      };
    });
    const refusal = await refusalOf(jwks.findKey('key-1'));
    expect(refusal).toMatchObject({ code: 'invalid_jwks', retryable: true });
    expect(refusal.message).toContain('at most 262144 bytes');
    await closed;
  });

  it('while a body of exactly 256 KiB is read', async () => {
    const { server, jwks } = await scene();
    server.answer = (_request, response) => response.end(JSON.stringify({ keys: [key.jwk] }).padEnd(262_144));
    expect((await jwks.findKey('key-1')).type).toBe('public');
  });
});

describe('the client', () => {
  it('is named by our name and version by default', async () => {
    const { server, jwks } = await scene();
    await jwks.findKey('key-1');
    expect(server.requests[0]?.headers).toMatchObject({
      'user-agent': expect.stringMatching(/^agent-identity-ts\/\d+\.\d+\.\d+/),
      originator: 'agent-identity-ts',
    });
  });

  it('is named as the caller sets it, also behind a redirect', async () => {
    const { server, jwks } = await scene({ userAgent: 'my_agent/1.2.3 (Linux)', originator: 'my_agent' });
    server.answer = (request, response) =>
      (request.url === '/moved' ? keysAnswer([key.jwk]) : statusAnswer(302, { location: '/moved' }))(
        request,
        response,
      );
    await jwks.findKey('key-1');
    expect(server.requests).toHaveLength(2);
    for (const { headers } of server.requests) {
      expect(headers).toMatchObject({ 'user-agent': 'my_agent/1.2.3 (Linux)', originator: 'my_agent' });
    }
  });

  it.each([{ userAgent: '' }, { originator: 'a b' }])('cannot be named by %j', (wrong) => {
    expect(refusedBy(() => remoteJwks('https://id.example/jwks', wrong)).code).toBe('invalid_argument');
  });

  it('is told that a 403 is a challenge', async () => {
    const { server, jwks } = await scene();
    server.answer = statusAnswer(403, { 'cf-mitigated': 'challenge' });
    const refusal = await refusalOf(jwks.findKey('key-1'));
    expect(refusal).toMatchObject({ code: 'jwks_unavailable', retryable: true });
    expect(refusal.message).toContain('got 403: the front door of the server asks for a browser challenge');
  });

  it('is told the status of a 403 whose body breaks off', async () => {
    const { server, jwks } = await scene();
    server.answer = (_request, response) => {
      response.writeHead(403, { 'content-length': '1000', 'cf-mitigated': 'challenge' });
      response.write('<html>', () => response.destroy());
    };
    expect((await refusalOf(jwks.findKey('key-1'))).message).toContain('got 403: the front door');
  });

  it('is told that its region is not supported', async () => {
    const { server, jwks } = await scene();
    server.answer = (_request, response) => {
      response.writeHead(403);
      response.end('{"error":{"code":"unsupported_country_region_territory"}}');
    };
    const refusal = await refusalOf(jwks.findKey('key-1'));
    expect(refusal.message).toContain('got 403: the server does not serve this country, region or territory');
  });
});

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])('are followed within the origin: %i', async (status) => {
    const { server, jwks } = await scene();
    server.answer = (request, response) => {
      const answer =
        request.url === '/moved' ? keysAnswer([key.jwk]) : statusAnswer(status, { location: '/moved' });
      answer(request, response);
    };
    expect((await jwks.findKey('key-1')).type).toBe('public');
    expect(server.requests.map(({ url }) => url)).toEqual(['/jwks', '/moved']);
  });

  it('are not followed to another origin, even if only the port differs', async () => {
    const { server, jwks } = await scene();
    const elsewhere = await jwksServer(keysAnswer([key.jwk]));
    server.answer = statusAnswer(302, { location: elsewhere.url });
    expect(await refusalOf(jwks.findKey('key-1'))).toMatchObject({
      code: 'jwks_unavailable',
      retryable: true,
    });
    expect(server.requests).toHaveLength(1);
    expect(elsewhere.requests).toHaveLength(0);
  });

  it('are not followed to another host of the same machine, with credentials, or to an invalid URL', async () => {
    const { server, jwks, advance } = await scene();
    const { host } = new URL(server.url);
    const locations = [
      server.url.replace('127.0.0.1', 'localhost'),
      `http://user:word@${host}/jwks`,
      '//id.example/jwks',
      'data:application/json,{"keys":[]}',
      'http://[',
    ];
    for (const location of locations) {
      server.answer = statusAnswer(302, { location });
      advance(1);
      expect((await refusalOf(jwks.findKey('key-1'))).message).toContain('redirect');
    }
    expect(server.requests).toHaveLength(locations.length);
  });

  it('are followed at most three times', async () => {
    const { server, jwks } = await scene();
    server.answer = statusAnswer(302, { location: '/jwks' });
    expect((await refusalOf(jwks.findKey('key-1'))).message).toContain('more than 3 redirects');
    expect(server.requests).toHaveLength(4);
  });

  it('without a target are an outage', async () => {
    const { server, jwks } = await scene();
    server.answer = statusAnswer(302);
    expect((await refusalOf(jwks.findKey('key-1'))).code).toBe('jwks_unavailable');
  });

  it('that an injected fetch followed itself are refused', async () => {
    const server = await jwksServer((request, response) => {
      const answer =
        request.url === '/moved' ? keysAnswer([key.jwk]) : statusAnswer(302, { location: '/moved' });
      answer(request, response);
    });
    const following: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'follow' });
    const jwks = remoteJwks(server.url, {}, { fetch: following });
    expect((await refusalOf(jwks.findKey('key-1'))).code).toBe('jwks_unavailable');
  });
});

describe('arguments', () => {
  it.each(['http://id.example/jwks', 'file:///etc/jwks.json', 'jwks', 'https://user:word@id.example/jwks'])(
    'refuses the URL %s before anything is sent',
    (url) => {
      expect(refusedBy(() => remoteJwks(url)).code).toBe('insecure_url');
    },
  );

  it('allows plain http to the hosts in allowPlainHttpHosts', () => {
    expect(() =>
      remoteJwks('http://id.internal/jwks', { allowPlainHttpHosts: ['id.internal'] }),
    ).not.toThrow();
  });

  it('does not see later changes to a URL object', async () => {
    const server = await jwksServer(keysAnswer([key.jwk]));
    const url = new URL(server.url);
    const jwks = remoteJwks(url);
    url.port = '1';
    expect((await jwks.findKey('key-1')).type).toBe('public');
  });

  it.each([
    { timeoutSeconds: 0 },
    { timeoutSeconds: -1 },
    { timeoutSeconds: Number.NaN },
    { timeoutSeconds: 10_000_000 },
    { minCacheSeconds: -1 },
    { maxCacheSeconds: Number.POSITIVE_INFINITY },
    { minCacheSeconds: 61, maxCacheSeconds: 60 },
    { staleIfErrorSeconds: Number.NaN },
    { cooldownSeconds: -0.001 },
    { cooldownSeconds: '30' as unknown as number },
  ])('refuses %o', (options) => {
    expect(refusedBy(() => remoteJwks('https://id.example/jwks', options)).code).toBe('invalid_argument');
  });
});

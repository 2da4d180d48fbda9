import { providerFetch } from 'provider-auth';
import { loopbackServer, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type FirstParty, firstParty, now, taskOf } from '../support/first-party.js';
import { type Run, startRun } from '../support/start-run.js';

const hour = 3600;

async function running(
  options: Parameters<typeof startRun>[1] = {},
): Promise<Run & { world: FirstParty; url: string; fetch: typeof globalThis.fetch }> {
  const world = await firstParty();
  const run = await startRun(world, options);
  return { world, url: `${world.provider.baseUrl}/responses`, fetch: providerFetch(run.resolved), ...run };
}

/** Sets the server's clock this many seconds ahead of the client's. */
function setAhead({ state }: FirstParty, seconds: number): void {
  state.serverNow = now + seconds * 1000;
}

describe.each([hour, -hour])('if the server’s clock is %i s ahead', (seconds) => {
  it('a refused request is retried once with the server’s time, and observers learn the offset', async () => {
    const { world, url, fetch, events, scope } = await running();
    setAhead(world, seconds);
    const response = await fetch(url, { method: 'POST', body: 'text' });
    expect(response.status).toBe(200);
    expect(world.provider.requests.map(({ body }) => body)).toEqual(['text', 'text']);
    expect(events).toEqual([{ type: 'clock_offset_learned', offsetSeconds: seconds, server: 'provider' }]);
    expect(scope.clockOffsetSeconds).toBe(seconds);
    expect((await fetch(url)).status).toBe(200);
    expect(world.provider.requests).toHaveLength(3);
  });

  it('a refused registration is retried once with the server’s time', async () => {
    const world = await firstParty();
    setAhead(world, seconds);
    const { resolved, events } = await startRun(world);
    expect(world.authapi.requests).toHaveLength(2);
    expect(events).toEqual([{ type: 'clock_offset_learned', offsetSeconds: seconds, server: 'authapi' }]);
    expect((await providerFetch(resolved)(world.provider.baseUrl)).status).toBe(200);
    expect(world.provider.requests).toHaveLength(1);
  });
});

it('concurrent requests learn the offset once, and each is retried', async () => {
  const { world, url, fetch, events } = await running();
  setAhead(world, hour);
  const responses = await Promise.all(Array.from({ length: 20 }, () => fetch(url)));
  expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  expect(events.map(({ type }) => type)).toEqual(['clock_offset_learned']);
});

it('a request may need a corrected clock and a replacement task', async () => {
  const { world, url, fetch } = await running();
  setAhead(world, hour);
  world.state.liveTasks.clear();
  expect((await fetch(url)).status).toBe(200);
  expect(world.provider.requests.map(taskOf)).toEqual(['task-1', 'task-1', 'task-2']);
  expect(world.authapi.requests).toHaveLength(2);
});

describe('the response is returned unchanged and the clock kept', () => {
  async function expectUntouched(
    run: Awaited<ReturnType<typeof running>>,
    status: number,
    init?: RequestInit,
  ) {
    const response = await run.fetch(run.url, init);
    expect(response.status).toBe(status);
    await response.text();
    expect(run.world.provider.requests).toHaveLength(1);
    expect(run.scope.clockOffsetSeconds).toBe(0);
  }

  it('if learnClockOffset is false', async () => {
    const run = await running({ learnClockOffset: false });
    setAhead(run.world, hour);
    await expectUntouched(run, 401);
    expect(run.events).toEqual([]);
  });

  it.each([30, -30, 0])('if the clocks differ by %i s', async (seconds) => {
    const run = await running();
    setAhead(run.world, seconds);
    run.world.state.answerRequest = () => ({ status: 401, body: { error: { code: 'no', message: 'no' } } });
    await expectUntouched(run, 401);
  });

  it('but not if they differ by 31 s', async () => {
    const run = await running();
    setAhead(run.world, 31);
    run.world.state.answerRequest = () => ({ status: 401 });
    expect((await run.fetch(run.url)).status).toBe(401);
    expect(run.scope.clockOffsetSeconds).toBe(31);
    expect(run.world.provider.requests).toHaveLength(2);
  });

  it.each(['', 'yesterday', '1776902400', 'Thu, 99 Foo 2026 00:00:00 GMT'])(
    'if Date is "%s"',
    async (date) => {
      const run = await running();
      run.world.state.answerRequest = () => ({ status: 401, headers: { date } });
      await expectUntouched(run, 401);
    },
  );

  it.each([200, 403, 404, 500])('if the status is %i', async (status) => {
    const run = await running();
    const date = new Date(now + hour * 1000).toUTCString();
    run.world.state.answerRequest = () => ({ status, headers: { date } });
    await expectUntouched(run, status);
  });

  it('if the offset is over maxClockOffsetSeconds, and observers learn it', async () => {
    const run = await running({ maxClockOffsetSeconds: 600 });
    setAhead(run.world, 601);
    await expectUntouched(run, 401);
    expect(run.events).toEqual([{ type: 'clock_offset_refused', offsetSeconds: 601, server: 'provider' }]);
  });
});

it('a 403 with the code assertion_expired corrects the clock too', async () => {
  const { world, url, fetch, scope } = await running();
  setAhead(world, hour);
  let count = 0;
  world.state.liveTasks.add('task-1');
  world.state.serverNow = now + 60_000;
  world.state.answerRequest = () => {
    count += 1;
    return count === 1
      ? { status: 403, body: { error: { code: 'assertion_expired', message: 'x' } } }
      : { body: 'ok' };
  };
  expect(await (await fetch(url)).text()).toBe('ok');
  expect(scope.clockOffsetSeconds).toBe(60);
});

it('a body over 8 MiB is sent once, and the next request uses the corrected clock', async () => {
  const { world, url, fetch } = await running();
  setAhead(world, hour);
  const body = ReadableStream.from([new Uint8Array(9 * 1024 * 1024)]);
  expect((await fetch(url, { method: 'POST', body, duplex: 'half' })).status).toBe(401);
  expect((await fetch(url)).status).toBe(200);
  expect(world.provider.requests).toHaveLength(2);
});

it('a request is sent at most twice if the server’s clock keeps moving', async () => {
  const world = await firstParty();
  let ahead = 0;
  const provider = await loopbackServer(() => {
    ahead += hour;
    return { status: 401, headers: { date: new Date(now + ahead * 1000).toUTCString() } };
  });
  const { resolved } = await startRun({ ...world, provider: { ...provider, baseUrl: provider.origin } });
  expect((await providerFetch(resolved)(provider.origin)).status).toBe(401);
  expect(provider.requests).toHaveLength(2);
});

it('a registration is sent at most twice if the server’s clock keeps moving', async () => {
  const world = await firstParty();
  let ahead = hour;
  world.state.answerRegistration = () => {
    ahead += hour;
    setAhead(world, ahead);
    return { status: 401, body: { error: { code: 'task_registration_expired', message: 'x' } } };
  };
  expect((await thrownBy(() => startRun(world))).code).toBe('registration_refused');
  expect(world.authapi.requests).toHaveLength(2);
});

import { providerFetch } from 'provider-auth';
import { describe, expect, it } from 'vitest';
import { firstParty, invalidTask, now, taskOf } from '../support/first-party.js';
import { startRun, stillEffects } from '../support/start-run.js';

const hour = 3_600_000;
const tenYears = 10 * 365.25 * 24 * hour;

/** A run whose wall clock and monotonic clock the test sets. Both are in milliseconds. */
async function running() {
  const world = await firstParty();
  const time = { wall: now, monotonic: 0 };
  const run = await startRun(
    world,
    {},
    { ...stillEffects, clock: () => time.wall, monotonicClock: () => time.monotonic },
  );
  return { world, time, url: world.provider.baseUrl, fetch: providerFetch(run.resolved), ...run };
}

describe.each([hour, -hour, tenYears, -tenYears])('if the wall clock jumps by %i ms', (jump) => {
  it('the cooldown of replacement tasks still ends after 30 s, and not before', async () => {
    const { world, time, url, fetch } = await running();
    world.state.answerRequest = () => invalidTask;
    await fetch(url);
    expect(world.authapi.requests).toHaveLength(2);
    time.wall += jump;
    world.state.serverNow = time.wall;
    time.monotonic += 29_999;
    await fetch(url);
    expect(world.authapi.requests).toHaveLength(2);
    time.monotonic += 1;
    await fetch(url);
    expect(world.authapi.requests).toHaveLength(3);
  });

  it('a run continues when the clock jumps back', async () => {
    const { world, time, url, fetch, scope } = await running();
    world.state.serverNow = now;
    expect((await fetch(url)).status).toBe(200);
    time.wall += jump;
    // An offset of up to a day is corrected. A larger one is not believed, so the request is refused.
    expect((await fetch(url)).status).toBe(Math.abs(jump) === hour ? 200 : 401);
    time.wall -= jump;
    expect((await fetch(url)).status).toBe(200);
    expect(scope.clockOffsetSeconds).toBe(0);
    expect(world.provider.requests.map(taskOf)).not.toContain('task-2');
    expect(world.authapi.requests).toHaveLength(1);
  });
});

import { providerFetch } from 'provider-auth';
import { describe, expect, test } from 'vitest';
import { firstParty, invalidTask, taskOf } from '../support/first-party.js';
import { startRun } from '../support/resolved.js';

const post = (body: RequestInit['body']): RequestInit => ({ method: 'POST', body: body ?? null });

test('200 parallel requests that are all told their task is invalid: one registration, and all succeed', async () => {
  const world = await firstParty();
  const { resolved, events } = await startRun(world);
  expect(world.authapi.requests).toHaveLength(1);
  world.state.liveTasks.clear();

  const fetch = providerFetch(resolved);
  const responses = await Promise.all(
    Array.from({ length: 200 }, (_, i) => fetch(`${world.provider.baseUrl}/responses`, post(`request ${i}`))),
  );

  expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 200 }, () => 200));
  const said = await Promise.all(responses.map((response) => response.json()));
  expect(said).toEqual(Array.from({ length: 200 }, (_, i) => ({ said: `request ${i}` })));
  expect(world.authapi.requests).toHaveLength(2);
  const tasks = world.provider.requests.map(taskOf);
  expect(tasks.filter((task) => task === 'task-1')).toHaveLength(200);
  expect(tasks.filter((task) => task === 'task-2')).toHaveLength(200);
  expect(events.filter(({ type }) => type === 'task_replaced')).toHaveLength(1);
});

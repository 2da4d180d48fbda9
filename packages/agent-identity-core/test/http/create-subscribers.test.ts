import { createSubscribers } from 'agent-identity-core/http';
import { expect, it } from 'vitest';

it('createSubscribers tells everybody, whatever one of them throws, until the subscription ends', () => {
  const subscribers = createSubscribers<string>();
  const told: string[] = [];
  const listener = (event: string) => void told.push(event);
  subscribers.subscribe(() => {
    throw new Error('a listener');
  });
  const [end] = [subscribers.subscribe(listener), subscribers.subscribe(listener)];
  subscribers.notify('first');
  end?.();
  end?.();
  subscribers.notify('second');
  expect(told).toEqual(['first', 'first', 'second']);
});

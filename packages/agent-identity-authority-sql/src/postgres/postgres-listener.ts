import { setTimeout as sleep } from 'node:timers/promises';
import type { OnFailure, StoreChangeListener } from 'agent-identity-authority-core';
import { Client } from 'pg';
import { sqlStateOf } from '../sql/sql-database.js';
import { withDeadline } from '../with-deadline.js';
import { changesChannel, readChange } from './change-notification.js';
import { clientConfig, type PostgresAddress } from './postgres-connection.js';

export interface PostgresListenerOptions extends PostgresAddress {
  readonly notify: StoreChangeListener;
  readonly onFailure: OnFailure;
}

/** Hears of the changes that other nodes make. */
export interface PostgresListener {
  close(): Promise<void>;
}

/** So often, the connection is tried: one that is broken without a word would never say so. */
const checkMilliseconds = 2000;
/** How long to wait before a new connection: the first time, and doubled each time up to the last. */
const [firstRetryMilliseconds, lastRetryMilliseconds] = [100, 5000];

/**
 * Listens on a connection of its own, and makes a new one whenever it breaks. What was missed meanwhile is anything:
 * listeners are told to evict what they remember. Resolves when the first attempt has been made.
 */
export async function listenForChanges(options: PostgresListenerOptions): Promise<PostgresListener> {
  const closing = new AbortController();
  let done: Promise<void> = Promise.resolve();
  await new Promise<void>((tried) => {
    done = keepListening(options, closing.signal, tried);
  });
  return {
    async close() {
      closing.abort();
      await done;
    },
  };
}

async function keepListening(
  options: PostgresListenerOptions,
  closing: AbortSignal,
  tried: () => void,
): Promise<void> {
  let pause = firstRetryMilliseconds;
  const listening = () => {
    pause = firstRetryMilliseconds;
    tried();
  };
  while (!closing.aborted) {
    try {
      await listenOnce(options, closing, listening);
    } catch (failure) {
      tried();
      if (closing.aborted) return;
      options.onFailure(failure);
      // feature_not_supported: then it is for those who remember something to evict it in time.
      if (sqlStateOf(failure) === '0A000') return;
    }
    await sleepUnless(closing, pause);
    pause = Math.min(pause * 2, lastRetryMilliseconds);
  }
}

/** Listens until the connection breaks, or until it is closed. */
async function listenOnce(
  { notify, onFailure: _, ...address }: PostgresListenerOptions,
  closing: AbortSignal,
  listening: () => void,
): Promise<void> {
  const client = new Client(clientConfig(address));
  const broken = new AbortController();
  client.on('error', () => broken.abort());
  client.on('end', () => broken.abort());
  client.on('notification', ({ payload }) => notify(readChange(payload)));
  const stop = AbortSignal.any([closing, broken.signal]);
  try {
    await client.connect();
    await client.query(`listen ${changesChannel}`);
    notify({ kind: 'anything_may_have_changed' });
    listening();
    while (!stop.aborted) {
      await sleepUnless(stop, checkMilliseconds);
      if (!stop.aborted) await client.query('select 1');
    }
  } finally {
    await withDeadline(address.timeoutMilliseconds, () => client.end()).catch(() => {});
  }
}

async function sleepUnless(signal: AbortSignal, milliseconds: number): Promise<void> {
  await sleep(milliseconds, undefined, { signal, ref: false }).catch(() => {});
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { OnFailure, StoreChangeListener } from 'agent-identity-authority-core';
import { withDeadline } from 'agent-identity-core/http';
import { Client } from 'pg';
import { sqlStateOf } from '../sql/sql-database.js';
import { changesChannel, parseChange } from './change-notification.js';
import { clientConfig, type PostgresAddress } from './postgres-connection.js';
import type { PostgresServers } from './postgres-servers.js';

export interface PostgresListenerOptions extends PostgresAddress {
  readonly notify: StoreChangeListener;
  readonly onFailure: OnFailure;
}

/** Receives the changes of other nodes. */
export interface PostgresListener {
  close(): Promise<void>;
}

/** How often to check the connection: a silently broken one would never report it. */
const checkMilliseconds = 2000;
/** How long to wait before reconnecting: the first time, doubled each time, up to the last. */
const [firstRetryMilliseconds, lastRetryMilliseconds] = [100, 5000];

/**
 * Listens on a separate connection and reconnects if it breaks. Notifications may be lost until then, so listeners drop all
 * caches. Resolves after the first attempt to connect.
 */
export async function listenForChanges(options: PostgresListenerOptions): Promise<PostgresListener> {
  const closing = new AbortController();
  let isDone: Promise<void> = Promise.resolve();
  await new Promise<void>((onFirstAttempt) => {
    isDone = keepListening(options, closing.signal, onFirstAttempt);
  });
  return {
    async close() {
      closing.abort();
      await isDone;
    },
  };
}

async function keepListening(
  options: PostgresListenerOptions,
  closing: AbortSignal,
  onAttempt: () => void,
): Promise<void> {
  let pause = firstRetryMilliseconds;
  const onListening = () => {
    pause = firstRetryMilliseconds;
    onAttempt();
  };
  while (!closing.aborted) {
    try {
      await listenOnce(options, closing, onListening);
    } catch (failure) {
      onAttempt();
      if (closing.aborted) return;
      options.onFailure(failure);
      // feature_not_supported: caches must expire by themselves.
      if (sqlStateOf(failure) === '0A000') return;
    }
    await sleepUntilAborted(closing, pause);
    pause = Math.min(pause * 2, lastRetryMilliseconds);
  }
}

/** Listens until the connection breaks, or until it is closed. */
async function listenOnce(
  { notify, onFailure: _, ...address }: PostgresListenerOptions,
  closing: AbortSignal,
  onListening: () => void,
): Promise<void> {
  const client = new Client(clientConfig(address));
  const broken = new AbortController();
  client.on('error', () => broken.abort());
  client.on('end', () => broken.abort());
  client.on('notification', ({ payload }) => notify(parseChange(payload)));
  const stop = AbortSignal.any([closing, broken.signal]);
  try {
    await connectTo(client, address.servers);
    await client.query(`listen ${changesChannel}`);
    notify({ kind: 'anything_may_have_changed' });
    onListening();
    while (!stop.aborted) {
      await sleepUntilAborted(stop, checkMilliseconds);
      if (!stop.aborted) await client.query('select 1');
    }
  } finally {
    await withDeadline({ timeoutSeconds: address.timeoutSeconds }, () => client.end()).catch(() => {});
  }
}

/** A standby does not know of notifications. */
async function connectTo(client: Client, servers: PostgresServers): Promise<void> {
  const url = servers.current();
  try {
    await client.connect();
    await servers.requireWritable(client);
  } catch (error) {
    servers.skip(url);
    throw error;
  }
}

async function sleepUntilAborted(signal: AbortSignal, milliseconds: number): Promise<void> {
  await sleep(milliseconds, undefined, { signal, ref: false }).catch(() => {});
}

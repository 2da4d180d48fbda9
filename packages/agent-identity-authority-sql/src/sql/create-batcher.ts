import { sqlStateOf } from './sql-database.js';

/** Writes several items with one statement. Returns a result for each item, in their order. */
export type WriteBatch<Item, Result> = (items: readonly Item[]) => Promise<readonly Result[]>;

/** The longest batch: enough to make the cost of a round trip small, and within the limit of parameters. */
const maxBatch = 256;

/**
 * Creates a function that writes items in batches without added delay: an item is written at once, and what arrives while a
 * write is under way goes into the next one. If the database refuses a batch because of one of its rows, the items are written
 * one by one, so that only that row's caller sees the error.
 */
export function createBatcher<Item, Result>(
  write: WriteBatch<Item, Result>,
): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let isWriting = false;

  const writeAll = async () => {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch);
      waiting = waiting.slice(maxBatch);
      await settle(batch, write);
    }
    isWriting = false;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      // What arrives in the same turn of the event loop goes into the same batch.
      if (!isWriting) {
        isWriting = true;
        queueMicrotask(writeAll);
      }
    });
}

interface Waiting<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

async function settle<Item, Result>(
  batch: readonly Waiting<Item, Result>[],
  write: WriteBatch<Item, Result>,
): Promise<void> {
  try {
    const results = await write(batch.map(({ item }) => item));
    for (const [i, { resolve }] of batch.entries()) resolve(results[i] as Result);
  } catch (error) {
    if (batch.length > 1 && concernsRow(error)) {
      for (const one of batch) await settle([one], write);
      return;
    }
    for (const { reject } of batch) reject(error);
  }
}

/** Data exceptions (22) and violated constraints (23). */
function concernsRow(error: unknown): boolean {
  return /^2[23]/.test(sqlStateOf(error) ?? '');
}

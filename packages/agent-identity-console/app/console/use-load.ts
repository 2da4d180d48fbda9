import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { describeError } from './api.js';

/** What was loaded, or why it was not. */
export interface Loaded<Value> {
  readonly value: Value | undefined;
  readonly error: string | undefined;
  readonly isLoading: boolean;
  /** Loads again, and keeps showing the old value meanwhile. */
  reload(): void;
}

/** Loads a value, and again when an input changes. An answer that comes too late is dropped. */
export function useLoad<Value>(load: () => Promise<Value>, inputs: readonly unknown[]): Loaded<Value> {
  const [state, setState] = useState<Omit<Loaded<Value>, 'reload'>>(nothing);
  const latest = useRef(0);
  const run = () => {
    latest.current += 1;
    const own = latest.current;
    setState((state) => ({ ...state, isLoading: true }));
    const settle = (next: { value: Value } | { error: string }) => {
      if (own !== latest.current) return;
      setState((state) => ({ value: state.value, error: undefined, ...next, isLoading: false }));
    };
    load().then(
      (value) => settle({ value }),
      (error: unknown) => settle({ error: describeError(error) }),
    );
  };
  useEffect(() => {
    setState(nothing);
    run();
    return () => {
      latest.current += 1;
    };
  }, inputs);
  return { ...state, reload: run };
}

const nothing = { value: undefined, error: undefined, isLoading: true };

/** A page of a list of the authority. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** A list that is loaded page by page. */
export interface LoadedList<Item> extends Omit<Loaded<unknown>, 'value'> {
  readonly items: readonly Item[] | undefined;
  /** Loads the next page; `undefined` on the last one. */
  readonly more: (() => void) | undefined;
}

/** Loads the first page of a list, and the others when asked. */
export function useList<Item>(
  load: (cursor: string | undefined) => Promise<ListPage<Item>>,
  inputs: readonly unknown[],
): LoadedList<Item> {
  const first = useLoad(() => load(undefined), inputs);
  const [rest, setRest] = useState<ListPage<Item> & { readonly after: unknown }>();
  const [failure, setFailure] = useState<string>();
  // Further pages belong to the first page that they follow.
  const following = rest !== undefined && rest.after === first.value ? rest : undefined;
  const cursor = following === undefined ? first.value?.nextCursor : following.nextCursor;
  const more = async (after: unknown, from: string) => {
    try {
      const page = await load(from);
      setFailure(undefined);
      setRest({ after, nextCursor: page.nextCursor, items: [...(following?.items ?? []), ...page.items] });
    } catch (error) {
      setFailure(describeError(error));
    }
  };
  return {
    ...first,
    error: first.error ?? failure,
    items: first.value && [...first.value.items, ...(following?.items ?? [])],
    more: typeof cursor === 'string' ? () => void more(first.value, cursor) : undefined,
  };
}

/** Does something that changes the authority. */
export interface Action {
  readonly error: string | undefined;
  readonly isRunning: boolean;
  /** Resolves to whether it succeeded. */
  run(work: () => Promise<void>): Promise<boolean>;
}

export function useAction(): Action {
  const [state, setState] = useState<Omit<Action, 'run'>>({ error: undefined, isRunning: false });
  const run = useCallback(async (work: () => Promise<void>) => {
    setState({ error: undefined, isRunning: true });
    try {
      await work();
      setState({ error: undefined, isRunning: false });
      return true;
    } catch (error) {
      setState({ error: describeError(error), isRunning: false });
      return false;
    }
  }, []);
  return { ...state, run };
}
/** Repeats work while the page is visible. */
export function useRepeated(work: () => void, seconds: number, isOn: boolean): void {
  const latest = useRef(work);
  latest.current = work;
  useEffect(() => {
    if (!isOn) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') latest.current();
    }, seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds, isOn]);
}

import type { ComponentChildren, JSX } from 'preact';
import type { LoadedList } from '../console/use-load.js';
import { texts } from '../texts.js';

/** A table of a list: its rows, or why there are none, and the button for the next page. */
export function ListTable<Item>(props: {
  readonly list: LoadedList<Item>;
  /** The name of the table for screen readers. */
  readonly label: string;
  readonly columns: readonly string[];
  readonly empty: string;
  /** Identifies an item. */
  readonly keyOf: (item: Item) => string | number;
  /** The cells of an item; the first one names the row. */
  readonly cells: (item: Item) => readonly ComponentChildren[];
}): JSX.Element {
  const { list, label, columns, empty, keyOf, cells } = props;
  const { items, more, error } = list;
  return (
    <div class="stack" aria-busy={list.isLoading}>
      <Problem error={error} />
      {items === undefined && error === undefined && <p class="quiet">{texts.loading}</p>}
      {items?.length === 0 && <p class="quiet">{empty}</p>}
      {items !== undefined && items.length > 0 && (
        <table class="stacked" aria-label={label}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {items.map((item) => {
              const [name, ...others] = cells(item);
              return (
                <tr key={keyOf(item)}>
                  <th scope="row">{name}</th>
                  {others.map((cell, i) => (
                    <td key={columns[i + 1]} data-label={columns[i + 1]}>
                      {cell}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {more !== undefined && (
        <div class="buttons">
          <button type="button" onClick={more}>
            {texts.more}
          </button>
        </div>
      )}
    </div>
  );
}

/** Why something failed; nothing if it did not. */
export function Problem({ error }: { readonly error: string | undefined }): JSX.Element {
  return (
    <p role="alert" class={error === undefined ? '' : 'note bad'}>
      {error}
    </p>
  );
}

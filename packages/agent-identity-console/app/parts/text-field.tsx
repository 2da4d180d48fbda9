import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

/** A labeled field for a line of text. Browsers do not complete it. */
export function TextField(props: {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: 'text' | 'password' | 'search' | 'number' | 'datetime-local';
  readonly isRequired?: boolean;
}): JSX.Element {
  const id = useId();
  const { label, hint, value, onInput, type = 'text', isRequired = false } = props;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        // The types of Preact want one literal.
        type={type as 'text'}
        id={id}
        value={value}
        required={isRequired}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {hint !== undefined && (
        <span id={`${id}-hint`} class="quiet">
          {hint}
        </span>
      )}
    </div>
  );
}

import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

/** A labeled field for a long text, which may be secret: browsers neither complete nor check it. */
export function TextArea(props: {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <textarea
        id={id}
        value={props.value}
        aria-describedby={`${id}-hint`}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      <span id={`${id}-hint`} class="quiet">
        {props.hint}
      </span>
    </div>
  );
}

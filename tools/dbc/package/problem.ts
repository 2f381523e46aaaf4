/** What is wrong with a package, and where: collected, so that one run shows everything. */

/** An error makes the package bad; a note does not. */
export interface PackageProblem {
  severity: 'error' | 'note';
  /** `manifest.json /platform/years/0`, `golden.jsonl:12`, `vss.json /3/path`. */
  place: string;
  message: string;
}

/** Collects problems; most of a hostile file are not worth the memory. */
export class Problems {
  readonly list: PackageProblem[] = [];
  /** All of them, kept or not. */
  errorCount = 0;

  error(place: string, message: string): void {
    this.errorCount++;
    this.#add({ severity: 'error', place, message });
  }

  note(place: string, message: string): void {
    this.#add({ severity: 'note', place, message });
  }

  #add(problem: PackageProblem): void {
    if (this.list.length < 200) this.list.push(problem);
  }
}

/** The columns of the block collections around a place, outermost first. */
export class Indents {
  private readonly columns: number[] = []

  /** The column of the innermost one, -1 outside of all. */
  get last(): number {
    return this.columns.at(-1) ?? -1
  }

  /** An indicator at a column opens a collection there, if that is deeper than the present one. */
  enter(column: number): void {
    if (this.last < column) this.columns.push(column)
  }

  /** What begins at a column ends all collections that are deeper; false where none is. */
  leave(column: number): boolean {
    const before = this.columns.length
    while (this.last > column) this.columns.pop()
    return this.columns.length < before
  }
}

/** What to do where a clone holds too little of the history, as part of a sentence. */
export const fetchMore = 'fetch more history (`git fetch --unshallow`, `fetch-depth: 0` in GitHub Actions)'

/**
 * Stands in a help, in a command to be pasted, for the words that say which Service it is about. Only a run knows the file
 * as the user would type it, and whether that holds other Services.
 */
export const thisService = '<this Service>'

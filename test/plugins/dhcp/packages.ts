/** Folders of unpacked packages; known when the tests begin. */
export const packages = { dhcpd: '', dhcpcd: '' };

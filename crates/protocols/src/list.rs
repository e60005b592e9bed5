protocols![
    cip,
    cip_io,
    enip,
    modbus,
    pccc,
];

protocols![
    cip,
    enip,
    modbus,
];

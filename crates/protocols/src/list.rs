protocols![
    enip,
    modbus,
];

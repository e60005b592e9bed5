protocols![
    dnp3,
    iec104,
    modbus,
];

/** A contract and its tests that a person can check by hand: what each mutant of it comes to is in the tests' table. */

export const toyContract = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

contract Toy {
    enum Phase {
        Open,
        Closed,
        Burnt
    }

    error NotOwner(address caller);
    error TooMuch(uint256 amount);
    event Put(uint256 amount);

    uint256 public constant MOST = 10;
    address public immutable owner;
    uint256 public held;
    Phase public phase;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    constructor() {
        owner = msg.sender;
    }

    function put(uint256 amount) external onlyOwner returns (uint256) {
        if (amount > MOST) revert TooMuch(amount);
        held += amount;
        emit Put(amount);
        return held;
    }

    function close() external onlyOwner {
        phase = Phase.Closed;
    }

    function double(uint256 amount) public pure returns (uint256) {
        return amount * 2;
    }

    function never(bool a, bool b) external pure returns (bool) {
        return a && b;
    }
}
`;

/** Leaves alive: the event, the boundary of MOST from below, who may close, and all of `never`. */
export const toyTest = `// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Toy} from "../../contracts/Toy.sol";

interface Vm {
    function prank(address sender) external;
    function expectRevert(bytes calldata data) external;
    function getCode(string calldata artifact) external view returns (bytes memory);
}

contract ToyTest {
    Vm private constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    Toy private toy;

    /// The contract as its artifact has it, not as this file was compiled with it.
    function setUp() external {
        bytes memory code = vm.getCode("contracts/Toy.sol:Toy");
        address created;
        assembly {
            created := create(0, add(code, 32), mload(code))
        }
        toy = Toy(created);
    }

    function test_put() external {
        require(toy.put(3) == 3 && toy.put(4) == 7 && toy.held() == 7, "sum");
        vm.expectRevert(abi.encodeWithSelector(Toy.TooMuch.selector, 12));
        toy.put(12);
    }

    function test_a_stranger() external {
        vm.prank(address(1));
        vm.expectRevert(abi.encodeWithSelector(Toy.NotOwner.selector, address(1)));
        toy.put(3);
    }

    function test_close() external {
        toy.close();
        require(toy.phase() == Toy.Phase.Closed, "phase");
    }

    function testFuzz_double(uint64 amount) external view {
        require(toy.double(amount) == uint256(amount) + amount, "double");
    }
}
`;

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IDimoToken} from "../../../contracts/token/IDimoToken.sol";
import {DimoToken} from "../../../contracts/token/DimoToken.sol";
import {GovernanceBase, IToken} from "../support/GovernanceBase.t.sol";

/// @title The token: a supply that only a vote changes, votes by timestamp, and upgrades by vote.
contract DimoTokenTest is GovernanceBase {
    function test_Supply() public view {
        assertEq(token.totalSupply(), 1000 * M, "one billion");
        assertEq(token.balanceOf(address(treasury)), 800 * M, "the rest");
    }

    function test_AllOfItMayBeAllocated() public {
        IDimoToken.Allocation[] memory allocations = new IDimoToken.Allocation[](1);
        allocations[0] = IDimoToken.Allocation(alice, 1000 * M);
        address code = deploy("contracts/token/DimoToken.sol:DimoToken", "");
        bytes memory data = abi.encodeCall(IDimoToken.initialize, (address(manager), address(treasury), allocations));
        IToken other = IToken(proxy(code, data));
        assertEq(other.balanceOf(alice), 1000 * M, "alice");
        assertEq(other.balanceOf(address(treasury)), 0, "nothing left over");
        assertEq(keccak256(bytes(IERC20Metadata(address(other)).name())), keccak256("DIMO"), "name");
        assertEq(keccak256(bytes(IERC20Metadata(address(other)).symbol())), keccak256("DIMO"), "symbol");
        assertEq(IAccessManaged(address(other)).authority(), address(manager), "authority");
        assertEq(DimoToken(address(other)).INITIAL_SUPPLY(), 1000 * M, "constant");
    }

    function test_OverAllocationIsRefused() public {
        address code = deploy("contracts/token/DimoToken.sol:DimoToken", "");
        IDimoToken.Allocation[] memory allocations = new IDimoToken.Allocation[](2);
        allocations[0] = IDimoToken.Allocation(alice, 1000 * M);
        allocations[1] = IDimoToken.Allocation(bob, 1);
        bytes memory data = abi.encodeCall(IDimoToken.initialize, (address(manager), address(treasury), allocations));
        vm.expectRevert(abi.encodeWithSelector(IDimoToken.DimoTokenOverAllocated.selector, 1000 * M + 1, 1000 * M));
        proxy(code, data);
    }

    function test_InitializesOnce() public {
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        token.initialize(alice, alice, new IDimoToken.Allocation[](0));
        IDimoToken code = IDimoToken(deploy("contracts/token/DimoToken.sol:DimoToken", ""));
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        code.initialize(alice, alice, new IDimoToken.Allocation[](0));
    }

    function test_MintAndBurnAreRestricted() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        vm.prank(alice);
        token.mint(alice, 1);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        vm.prank(alice);
        token.burn(1);
    }

    function test_MintAndBurnByProposal() public {
        Dip memory dip = one(address(token), abi.encodeCall(IDimoToken.mint, (address(timelock), 3 * M)), "mint");
        vm.warp(governor.proposalEta(carryToQueue(dip)));
        vm.expectEmit(address(token));
        emit IDimoToken.Minted(address(timelock), 3 * M);
        execute(dip);
        assertEq(token.totalSupply(), 1003 * M, "minted");
        dip = one(address(token), abi.encodeCall(IDimoToken.burn, (2 * M)), "burn");
        vm.warp(governor.proposalEta(carryToQueue(dip)));
        vm.expectEmit(address(token));
        emit IDimoToken.Burned(address(timelock), 2 * M);
        execute(dip);
        assertEq(token.totalSupply(), 1001 * M, "burnt");
        assertEq(token.balanceOf(address(timelock)), M, "of the timelock's own");
    }

    function test_UpgradeIsRestricted() public {
        address code = deploy("contracts/token/DimoToken.sol:DimoToken", "");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        vm.prank(alice);
        UUPSUpgradeable(address(token)).upgradeToAndCall(code, "");
        carry(one(address(token), abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (code, "")), "upgrade"));
        assertEq(token.totalSupply(), 1000 * M, "its storage stays");
    }

    function test_ClockIsTheTimestamp() public view {
        assertEq(token.clock(), block.timestamp, "clock");
        assertEq(keccak256(bytes(token.CLOCK_MODE())), keccak256("mode=timestamp"), "mode");
        assertEq(governor.clock(), block.timestamp, "the governor follows");
    }

    /// @dev What wallets show and sign: the token's name, version 1, this chain and this address.
    function test_permits_are_for_this_token_on_this_chain() public view {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("DIMO"),
                keccak256("1"),
                block.chainid,
                address(token)
            )
        );
        assertEq(IERC20Permit(address(token)).DOMAIN_SEPARATOR(), domain, "domain");
    }

    function test_PermitOnce() public {
        uint256 key = 0xB0B;
        address owner = vm.addr(key);
        vm.prank(alice);
        token.transfer(owner, 5);
        IERC20Permit permitted = IERC20Permit(address(token));
        bytes32 content = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                owner,
                bob,
                uint256(5),
                permitted.nonces(owner),
                block.timestamp
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            key,
            keccak256(abi.encodePacked(hex"1901", permitted.DOMAIN_SEPARATOR(), content))
        );
        permitted.permit(owner, bob, 5, block.timestamp, v, r, s);
        assertEq(token.allowance(owner, bob), 5, "allowed");
        vm.expectRevert();
        permitted.permit(owner, bob, 5, block.timestamp, v, r, s);
    }

    /// @dev Whatever is moved between two holders, votes add up to what is delegated.
    function testFuzz_VotesFollowTokens(uint256 amount, uint256 delay) public {
        amount = bound(amount, 0, 40 * M);
        vm.prank(alice);
        token.transfer(bob, amount);
        assertEq(token.getVotes(alice) + token.getVotes(bob), 70 * M, "now");
        uint256 moved = block.timestamp;
        vm.warp(moved + 1 + (delay % 365 days));
        assertEq(token.getPastVotes(bob, moved), 30 * M + amount, "at the time");
        assertEq(token.getPastVotes(bob, moved - 1), 30 * M, "before it");
    }
}
